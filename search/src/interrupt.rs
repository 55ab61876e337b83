//! Ctrl-C and SIGTERM: finish the step, write a checkpoint, leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

/// Whether someone asked the process to stop.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for the signals from now on. A second one ends the process at once.
    #[must_use]
    pub fn watch() -> Self {
        let flag = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // Registering can only fail for signals that may not be caught; these two may. The order matters:
            // the first signal sets the flag after the conditional shutdown saw it unset.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag.0));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag.0));
        }
        flag
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks to stop, as a signal would.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
