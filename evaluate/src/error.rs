//! What can go wrong, and whose fault it is.

use std::{error::Error as StdError, path::PathBuf, process::ExitStatus};

use models::{data, genotype, input, onnx};

use crate::runtimes::Provider;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Another library's error, with its own causes.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why an evaluation is not possible. The text fits "failed to …"; where there is a `source`, it says the rest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model's file is no model.
    #[error(transparent)]
    Onnx(#[from] onnx::Error),
    /// The genotype's file cannot be used.
    #[error(transparent)]
    Genotype(#[from] genotype::ReadError),
    /// There is no such network, or it cannot be built like that.
    #[error(transparent)]
    Network(#[from] models::error::Error),
    /// A model that can be read but not counted.
    #[error("count {model}")]
    Count {
        /// The model.
        model: String,
        /// Which node, and why.
        source: onnx::Error,
    },
    /// The data set cannot be read.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// The input spec from flags or from the model's file cannot be used.
    #[error("use the input spec from {origin}")]
    Spec {
        /// Where it comes from.
        origin: String,
        /// Why not.
        source: input::Error,
    },
    /// A model that does not take what it is to be given.
    #[error("feed {model}: {problem}")]
    Feed {
        /// The model.
        model: String,
        /// Expected and found.
        problem: String,
    },
    /// A flag whose value does not fit the model, the data or another flag.
    #[error("accept {flag}: {problem}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// No ONNX Runtime anywhere.
    #[error("find ONNX Runtime: run `cargo xtask setup`, set ORT_DYLIB_PATH, or use --runtime tract")]
    NoOnnxRuntime,
    /// A library that is not there or no usable ONNX Runtime.
    #[error("load ONNX Runtime from {}", path.display())]
    Library {
        /// The library.
        path: PathBuf,
        /// Why not.
        source: Cause,
    },
    /// A runtime that cannot be given so many threads.
    #[error("run {runtime} with {threads} threads: it runs one model on one thread")]
    Threads {
        /// The runtime.
        runtime: &'static str,
        /// What was asked for.
        threads: usize,
    },
    /// An execution provider that cannot be had.
    #[error(
        "use the execution provider {provider} (another library, by --ort-dylib, may have it; --allow-fallback goes on without)"
    )]
    Provider {
        /// The provider.
        provider: Provider,
        /// What ONNX Runtime says.
        source: Cause,
    },
    /// Nodes that did not run where they were to run.
    #[error("run {model} where it was asked for: {problem} (--allow-fallback measures it all the same)")]
    Fallback {
        /// The model.
        model: String,
        /// Which nodes, and where they ran.
        problem: String,
    },
    /// A runtime refuses the model.
    #[error("load {model} into {runtime}")]
    Load {
        /// The model.
        model: String,
        /// The runtime.
        runtime: &'static str,
        /// Why.
        source: Cause,
    },
    /// A runtime fails while running the model.
    #[error("run {model} in {runtime}")]
    Run {
        /// The model.
        model: String,
        /// The runtime.
        runtime: &'static str,
        /// Why.
        source: Cause,
    },
    /// An output that is not a number per class.
    #[error("judge {model}: its output for picture {picture} holds {found}, expected finite numbers")]
    NotFinite {
        /// The model.
        model: String,
        /// Index of the picture.
        picture: usize,
        /// NaN or an infinity.
        found: f32,
    },
    /// A file of logits that cannot be used.
    #[error("use the logits in {}: {problem}", path.display())]
    Predictions {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A file of results that cannot be used.
    #[error("use the results in {}: {problem}", path.display())]
    Results {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A part of the measuring, done by this program in a process of its own.
    #[error("{problem}")]
    Child {
        /// What it said.
        problem: String,
        /// Its exit status.
        status: u8,
    },
    /// A device that cannot be used.
    #[error("use the device {device}: {problem}")]
    Device {
        /// The device, as named on the command line.
        device: String,
        /// Why not, and the way out.
        problem: String,
    },
    /// A device that someone else uses, or that does not let anyone.
    #[error("take the device {device}: {problem}")]
    Busy {
        /// The device.
        device: String,
        /// Who uses it, or why it cannot be taken.
        problem: String,
    },
    /// A device that failed while it was used.
    #[error("go on with the device {device}: {problem}")]
    Lost {
        /// The device.
        device: String,
        /// What happened.
        problem: String,
    },
    /// A comparison that is too uncertain for a verdict.
    #[error("judge {subject}: {problem}")]
    Undecided {
        /// What is compared.
        subject: String,
        /// What makes it uncertain, and the way out.
        problem: String,
    },
    /// A file that cannot be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
}

/// Status of a program that has ended: its own, or 1 where a signal ended it.
pub(crate) fn status_of(ended: ExitStatus) -> u8 {
    ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

impl Error {
    /// Exit status: 2 where the user's input is wrong, 1 where something failed.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::Run { .. }
            | Self::Fallback { .. }
            | Self::Write { .. }
            | Self::Undecided { .. }
            | Self::Busy { .. }
            | Self::Lost { .. } => 1,
            Self::Child { status, .. } => *status,
            _ => 2,
        }
    }

    /// The error and its causes on one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let causes = std::iter::successors(self.source(), |cause| (*cause).source());
        let texts = std::iter::once(self.to_string()).chain(causes.map(ToString::to_string));
        let mut line = String::new();
        for text in texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")) {
            // Some libraries repeat their cause in their own text.
            if !line.ends_with(&text) {
                line = if line.is_empty() { text } else { format!("{line}: {text}") };
            }
        }
        line
    }
}
