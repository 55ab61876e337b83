//! What can go wrong in a search or a training.

use std::path::{Path, PathBuf};

/// Errors of this crate. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting out of its range.
    #[error("use {key} = {found}: expected {expected}")]
    Setting {
        /// Dotted key.
        key: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A method that a space does not suit.
    #[error("search {space} with {method}: {problem}")]
    Unfit {
        /// The method.
        method: &'static str,
        /// The space.
        space: String,
        /// What the method needs, and the way out.
        problem: String,
    },
    /// A setting of the wrong type.
    #[error("use {key} = {found} ({origin}): expected {expected}")]
    SettingType {
        /// The file, preset or flag it comes from.
        origin: String,
        /// Dotted key.
        key: String,
        /// What it may be.
        expected: &'static str,
        /// Its value.
        found: String,
    },
    /// A setting whose value is none of the possible ones.
    #[error("use {key} = {found} ({origin}): {problem}")]
    SettingValue {
        /// The file, preset or flag it comes from.
        origin: String,
        /// Dotted key.
        key: String,
        /// Its value.
        found: String,
        /// What it may be.
        problem: String,
    },
    /// A setting that does not exist.
    #[error("find the setting {key:?} ({origin}){hint}")]
    UnknownKey {
        /// The file, preset or flag it comes from.
        origin: String,
        /// The key as given.
        key: String,
        /// The nearest known key.
        hint: String,
    },
    /// A `--set` without `=`.
    #[error("read --set {text:?}: expected key=value")]
    Assignment {
        /// The text as given.
        text: String,
    },
    /// Settings that are not TOML.
    #[error("read settings from {origin}: {problem}")]
    Toml {
        /// The file.
        origin: String,
        /// What is wrong, where.
        problem: String,
    },
    /// A file that cannot be read or written.
    #[error("{action} {path}: {source}")]
    Io {
        /// `read`, `write`, …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file with broken contents.
    #[error("read {what} {path}: {problem}")]
    Broken {
        /// Kind of file: `checkpoint`, `weights`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// A run folder that is not what was asked for.
    #[error("use run folder {path}: {problem}")]
    RunFolder {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// Too few images for the settings.
    #[error("use {source_name}: {problem}")]
    TooFewImages {
        /// The data source.
        source_name: String,
        /// What is needed, what is there.
        problem: String,
    },
    /// A GPU was asked for and none is there.
    #[error("use device {device:?}: {problem}")]
    Device {
        /// The device as given.
        device: String,
        /// What is missing.
        problem: String,
    },
    /// NaN or infinity.
    #[error(
        "go on: {what} is not finite in epoch {epoch}, step {step}; first at {node}; last good checkpoint: {checkpoint}"
    )]
    NotFinite {
        /// What is not finite.
        what: &'static str,
        /// Epoch, from 1.
        epoch: usize,
        /// Step within the epoch, from 1.
        step: usize,
        /// The first node or tensor at fault.
        node: String,
        /// Where to go on from.
        checkpoint: String,
    },
    /// A network or genotype that is none.
    #[error(transparent)]
    Models(#[from] models::error::Error),
    /// A genotype file.
    #[error(transparent)]
    Genotype(#[from] models::genotype::ReadError),
    /// The table of NAS-Bench-201.
    #[error(transparent)]
    Nb201(#[from] models::nb201::table::Error),
    /// A table of latencies.
    #[error(transparent)]
    Latency(#[from] models::lut::Error),
    /// Data.
    #[error(transparent)]
    Data(#[from] models::data::Error),
    /// Input spec.
    #[error(transparent)]
    Input(#[from] models::input::Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// Whether the user's input is at fault (exit status 2) and not the course of the run (1).
    #[must_use]
    pub fn is_users(&self) -> bool {
        match self {
            Self::NotFinite { .. } => false,
            Self::Io { action, .. } => *action == "read",
            _ => true,
        }
    }
}
