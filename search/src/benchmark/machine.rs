//! Where a result was obtained: versions and hardware, for the run manifest.

use std::fs;

use serde_json::{Value, json};
use tch::Device;

/// libtorch's version, which the pinned `tch` is the release for.
pub const LIBTORCH: &str = "2.11.0";

/// The machine and the versions at work.
#[must_use]
pub fn describe(device: Device, threads: usize) -> Value {
    json!({
        "noisydarts": env!("CARGO_PKG_VERSION"),
        "libtorch": LIBTORCH,
        "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        "processor": processor(),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory_kib": memory(),
        "device": format!("{device:?}"),
        "gpus": tch::Cuda::device_count(),
        "threads": threads,
    })
}

/// The processor's name, where the system tells.
fn processor() -> Option<String> {
    line_of("/proc/cpuinfo", "model name")
}

/// Main memory in KiB, where the system tells.
fn memory() -> Option<u64> {
    line_of("/proc/meminfo", "MemTotal")?.split_whitespace().next()?.parse().ok()
}

/// The most memory that this process has held at once in KiB, where the system tells.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    line_of("/proc/self/status", "VmHWM")?.split_whitespace().next()?.parse().ok()
}

/// What stands behind the colon of the first line that begins with this key.
fn line_of(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_string())
}
