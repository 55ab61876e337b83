//! CPU or CUDA: the user's choice, or what the machine's driver can do.

use std::{fmt, fs, path::Path};

use anyhow::Result;
use clap::ValueEnum;

use crate::{pins::Pins, stop::Stop};

/// The oldest NVIDIA driver series that runs CUDA 13, by NVIDIA's table of minimum driver versions.
const OLDEST_DRIVER: u32 = 580;

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceChoice {
    /// CUDA where a driver for it is there.
    Auto,
    /// The CPU set: about 0.5 GB.
    Cpu,
    /// The full CUDA set, even where there is no driver: about 2.5 GB fetched.
    Cuda,
}

/// Which set of libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// Without CUDA.
    Cpu,
    /// Everything.
    Cuda,
}

/// Every set.
pub(super) const EACH: [Device; 2] = [Device::Cpu, Device::Cuda];

impl DeviceChoice {
    /// The set to provide.
    ///
    /// # Errors
    /// Where CUDA is asked for on a platform without it.
    pub(super) fn device(self, pins: &Pins) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda if pins.cuda.is_empty() => {
                Err(Stop::user(format!("there is no CUDA for {}: use --device cpu", pins.platform)))
            }
            Self::Cuda => Ok(Device::Cuda),
            Self::Auto if pins.cuda.is_empty() => Ok(Device::Cpu),
            Self::Auto => Ok(Device::of(driver())),
        }
    }
}

impl Device {
    fn of(driver: Option<u32>) -> Self {
        match driver {
            Some(series) if series >= OLDEST_DRIVER => Self::Cuda,
            Some(series) => {
                eprintln!(
                    "NVIDIA driver {series} is older than CUDA 13 needs ({OLDEST_DRIVER}): taking the CPU set"
                );
                Self::Cpu
            }
            None => Self::Cpu,
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Cpu => "CPU",
            Self::Cuda => "CUDA",
        })
    }
}

/// The series of the NVIDIA kernel driver, `None` without one.
fn driver() -> Option<u32> {
    if let Ok(text) = fs::read_to_string("/proc/driver/nvidia/version") {
        // A driver that does not say its version is taken at its word when CUDA starts.
        return Some(series(&text).unwrap_or(OLDEST_DRIVER));
    }
    // Windows Subsystem for Linux has the driver outside, and only its library in here.
    Path::new("/usr/lib/wsl/lib/libcuda.so.1").exists().then_some(OLDEST_DRIVER)
}

/// `580` of `NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 …`.
fn series(text: &str) -> Option<u32> {
    let mut versions = text.lines().next()?.split_whitespace().filter_map(|word| word.split_once('.'));
    versions.find_map(|(series, _)| series.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drivers_series_is_read() {
        let open = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (u@h)\nGCC version: gcc 12.2.0";
        let closed = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023";
        assert_eq!(series(open), Some(580));
        assert_eq!(series(closed), Some(535));
        assert_eq!(series("no version here\n1.2"), None);
    }

    #[test]
    fn an_old_driver_means_cpu() {
        assert_eq!(Device::of(None), Device::Cpu);
        assert_eq!(Device::of(Some(535)), Device::Cpu);
        assert_eq!(Device::of(Some(580)), Device::Cuda);
    }
}
