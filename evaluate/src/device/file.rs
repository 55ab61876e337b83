//! Devices by name.
//!
//! ```toml
//! [pi]
//! on = "ssh:pi@raspberrypi.local"    # or "adb", "adb:SERIAL"
//! options = ["-p", "2222"]           # of ssh and scp alike: of ssh
//! pin = "2,3"                        # where no --pin is given
//! folder = "/var/tmp"                # where programs may be run
//! binary = "builds/aarch64/noisydarts-evaluate"
//! ort = "builds/aarch64/libonnxruntime.so"
//! environment = { OMP_NUM_THREADS = "1" }
//! ```

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{adb::Adb, link::Link, ssh::Ssh};
use crate::{
    error::{Error, Result},
    measure::system::cores::Pin,
};

/// A device and how it is used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// `ssh:HOST`, `adb` or `adb:SERIAL`.
    on: String,
    /// Options of ssh.
    #[serde(default)]
    options: Vec<String>,
    /// Cores to stay on.
    pin: Option<String>,
    /// Where programs can be put and run.
    folder: Option<String>,
    /// This program, built for the device.
    pub(crate) binary: Option<PathBuf>,
    /// ONNX Runtime's library for the device.
    pub(crate) ort: Option<PathBuf>,
    /// Environment variables.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// Seconds to wait while someone else uses it.
    #[serde(skip)]
    pub(super) wait: u64,
    /// How often to try again when the connection drops.
    #[serde(skip)]
    pub(super) retries: u32,
}

impl Place {
    /// The device of `--on`: an address, or a name in the device file.
    pub(super) fn find(on: &str, devices: &Path) -> Result<Self> {
        if is_address(on) {
            return Ok(Self { on: on.into(), ..Self::default() });
        }
        named(on, devices).map_err(|problem| Error::Device { device: on.into(), problem })
    }

    /// The cores that are asked for, or else those of the device file.
    pub(crate) fn pin(&self, asked: Option<&Pin>) -> Option<String> {
        asked.map(ToString::to_string).or_else(|| self.pin.clone())
    }

    /// How it is reached.
    pub(super) fn link(&self) -> Box<dyn Link> {
        match self.on.split_once(':') {
            Some(("ssh", host)) => Box::new(Ssh { host: host.into(), options: self.options.clone() }),
            address => Box::new(Adb { serial: address.map(|(_, serial)| serial.into()) }),
        }
    }

    /// The device, for messages and as part of what a result depends on.
    pub(crate) fn address(&self) -> String {
        self.link().name()
    }

    /// Where programs can be put and run.
    pub(super) fn folder(&self) -> &str {
        let usual = if self.on.starts_with("ssh:") { "/tmp" } else { "/data/local/tmp" };
        self.folder.as_deref().unwrap_or(usual)
    }
}

fn is_address(on: &str) -> bool {
    on == "adb"
        || ["ssh:", "adb:"].iter().any(|kind| on.strip_prefix(kind).is_some_and(|rest| !rest.is_empty()))
}

fn named(name: &str, devices: &Path) -> Result<Place, String> {
    let file = devices.display();
    let text = fs::read_to_string(devices).map_err(|error| {
        format!("it is none of local, ssh:HOST, adb, adb:SERIAL, and no name in {file} ({error})")
    })?;
    let mut places: BTreeMap<String, Place> = toml::from_str(&text)
        .map_err(|error| format!("{file} is no device file: {}", error.to_string().trim()))?;
    let known = places.keys().cloned().collect::<Vec<_>>().join(", ");
    let place = places.remove(name).ok_or_else(|| format!("{file} does not name it; it names {known}"))?;
    if !is_address(&place.on) {
        return Err(format!("{file} says on = {:?} for it, expected ssh:HOST, adb or adb:SERIAL", place.on));
    }
    let wrong =
        |name: &&String| name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if let Some(name) = place.environment.keys().find(wrong) {
        return Err(format!("{file} has the environment variable {name:?}, expected letters, digits and _"));
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(on: &str, text: &str) -> Result<Place, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("devices.toml");
        fs::write(&path, text).unwrap();
        Place::find(on, &path).map_err(|error| error.chain())
    }

    #[test]
    fn names_and_addresses() {
        let text = "[pi]\non = \"ssh:pi@host\"\npin = \"2,3\"\nfolder = \"/var/tmp\"\n[phone]\non = \"adb\"\n";
        let pi = find("pi", text).unwrap();
        assert_eq!((pi.pin.as_deref(), pi.folder()), (Some("2,3"), "/var/tmp"));
        assert_eq!(find("phone", text).unwrap().folder(), "/data/local/tmp");
        assert_eq!(find("ssh:somewhere", "").unwrap().folder(), "/tmp");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = "[pi]\non = \"ssh:pi@host\"\n[bad]\non = \"telnet:host\"\n";
        assert!(find("pie", text).unwrap_err().ends_with("does not name it; it names bad, pi"));
        assert!(find("bad", text).unwrap_err().contains("on = \"telnet:host\" for it, expected ssh:HOST"));
        assert!(find("ssh:", text).unwrap_err().contains("does not name it"));
        assert!(find("pi", "[pi]\ncores = 3\non = \"adb\"").unwrap_err().contains("unknown field `cores`"));
        let variable = "[pi]\non = \"adb\"\nenvironment = { \"A;B\" = \"1\" }";
        assert!(find("pi", variable).unwrap_err().contains("expected letters, digits and _"));
        let missing = Place::find("pi", Path::new("nowhere.toml")).unwrap_err();
        assert!(missing.chain().contains("no name in nowhere.toml"), "{}", missing.chain());
    }
}
