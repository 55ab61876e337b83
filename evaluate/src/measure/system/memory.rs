//! Memory of this process.

use std::fs;

use models::proc::{field, number, text};
use serde::{Deserialize, Serialize};

/// Memory that the process held, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Before the model was loaded.
    pub(crate) before: u64,
    /// After that.
    pub(crate) loaded: u64,
    /// The most while loading and running.
    pub(crate) peak: u64,
}

/// What was held before something is loaded.
pub(crate) struct Watch(Option<u64>);

impl Watch {
    /// Starts anew. Where the system keeps no peak that can be set back, nothing is told: an older peak would be another model's.
    pub(crate) fn start() -> Self {
        Self(fs::write("/proc/self/clear_refs", "5").ok().and_then(|()| held("VmRSS")))
    }

    /// After loading; the peak is still to come.
    pub(crate) fn loaded(&self) -> Option<Memory> {
        let loaded = held("VmRSS")?;
        Some(Memory { before: self.0?, loaded, peak: loaded })
    }
}

impl Memory {
    /// With the peak until now.
    pub(crate) fn with_peak(self) -> Self {
        Self { peak: held("VmHWM").map_or(self.peak, |peak| peak.max(self.peak)), ..self }
    }
}

fn held(name: &str) -> Option<u64> {
    let kibibytes = number(field(&text("/proc/self/status")?, name)?)?;
    Some(kibibytes as u64 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_shows_in_the_peak() {
        let watch = Watch::start();
        let Some(memory) = watch.loaded() else { return };
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(memory.with_peak().peak >= memory.before + (48 << 20), "{memory:?}");
        drop(block);
    }
}
