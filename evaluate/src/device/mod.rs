//! Running on another machine, over `ssh` or `adb`: this program is copied there with what it needs, and runs there.
//!
//! ```text
//! FOLDER/noisydarts.lock/          while one user of the device is at it: who, and the process that runs
//! FOLDER/noisydarts.run-TOKEN/     the program, models and data; what runs writes its output there, not into the connection
//! ```
//! So a connection may drop at any time: what runs goes on, and its output is read when the connection is back.

mod adb;
mod binary;
mod file;
mod holder;
mod job;
mod kept;
mod link;
mod lock;
mod measurer;
mod relay;
mod session;
mod shell;
mod ssh;
mod words;

use std::path::PathBuf;

pub(crate) use file::Place;
pub(crate) use kept::Kept;
pub(crate) use measurer::Measurer;
pub(crate) use relay::relay;
pub(crate) use session::Session;
pub(crate) use words::Words;

use crate::error::Result;

/// Which machine, and what it is given.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Device")]
pub(crate) struct OnArgs {
    /// Where to run: local, ssh:HOST, adb, adb:SERIAL, or a name in the device file
    #[arg(long, default_value = LOCAL, value_name = "DEVICE")]
    on: String,
    /// Names devices, with their cores and environment
    #[arg(long, default_value = "devices.toml", value_name = "FILE")]
    devices: PathBuf,
    /// This program, built for the device [default: what `cargo xtask device-build` made for its architecture]
    #[arg(long, value_name = "FILE")]
    device_binary: Option<PathBuf>,
    /// ONNX Runtime's library for the device; without it models run in tract there
    #[arg(long, value_name = "FILE")]
    device_ort: Option<PathBuf>,
    /// How long to wait for a device that someone else uses
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    device_wait: u64,
    /// How often to try again when the connection drops, after 1, 2, 4, ... seconds
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(..16))]
    device_retries: u32,
}

/// This machine, where nothing is copied.
const LOCAL: &str = "local";

impl OnArgs {
    /// The device, if it is not this machine.
    ///
    /// # Errors
    /// [`Device`](crate::Error::Device) for a name that stands for none.
    pub(crate) fn place(&self) -> Result<Option<Place>> {
        if self.on == LOCAL {
            return Ok(None);
        }
        let mut place = Place::find(&self.on, &self.devices)?;
        place.binary = self.device_binary.clone().or(place.binary);
        place.ort = self.device_ort.clone().or(place.ort);
        (place.wait, place.retries) = (self.device_wait, self.device_retries);
        Ok(Some(place))
    }
}
