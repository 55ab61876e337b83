//! Programs that run ONNX files, behind one interface.

#[cfg(feature = "ort")]
mod library;
#[cfg(feature = "ort")]
mod ort;
mod profile;
mod provider;
mod tract;

use std::path::PathBuf;

pub use profile::{NodeRuns, Profiler};
pub use provider::Provider;

use crate::{error::Result, subject::ModelFile};

/// Every runtime; the first one is the default.
pub const RUNTIMES: &[&dyn Runtime] = &[
    #[cfg(feature = "ort")]
    &ort::Ort,
    &tract::Tract,
];

/// A program that runs ONNX files.
pub trait Runtime: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// Its version, and the settings that are the same for every model, for reports.
    ///
    /// # Errors
    /// When it cannot be loaded.
    fn about(&self, options: &Options) -> Result<String>;

    /// Prepares a model for running, with all optimisations.
    ///
    /// # Errors
    /// [`Load`](crate::Error::Load) when it refuses the model, and where the runtime itself cannot be loaded.
    fn load(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Session>>;

    /// The same, and from then on every run is noted node by node, which takes some time of its own.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn profiler(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Profiler>>;
}

/// How to run a model.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Shape of the input, every dimension fixed: `[N, C, H, W]` for pictures.
    pub shape: Vec<usize>,
    /// Threads within one run; 0 counts as 1.
    pub threads: usize,
    /// ONNX Runtime's library, if named by hand.
    pub library: Option<PathBuf>,
    /// ONNX Runtime's execution providers, the most wanted first; none for the processor alone.
    pub providers: Vec<Provider>,
    /// Whether a provider that cannot be had is passed over instead of being an error.
    pub allow_fallback: bool,
}

/// A model that is ready to run.
pub trait Session: Send {
    /// Runs the model on one input of the shape it was loaded for, row-major, and returns its first output.
    ///
    /// # Errors
    /// [`Run`](crate::Error::Run) when the runtime fails.
    fn run(&mut self, input: &[f32]) -> Result<Vec<f32>>;
}

/// The runtime of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Runtime> {
    RUNTIMES.iter().copied().find(|runtime| runtime.name() == name)
}
