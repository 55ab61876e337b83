//! Where a result was obtained: versions and hardware, for the run manifest.

use models::proc::{field, number, text};
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
    Some(field(&text("/proc/cpuinfo")?, "model name")?.to_string())
}

/// Main memory in KiB, where the system tells.
fn memory() -> Option<u64> {
    kibibytes("/proc/meminfo", "MemTotal")
}

/// The most memory that this process has held at once in KiB, where the system tells.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    kibibytes("/proc/self/status", "VmHWM")
}

fn kibibytes(path: &str, name: &str) -> Option<u64> {
    number(field(&text(path)?, name)?).map(|kibibytes| kibibytes as u64)
}
