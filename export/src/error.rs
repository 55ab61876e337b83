//! What can go wrong when a network is shipped.

use std::io;
use std::path::PathBuf;

use crate::weights::Problems;

/// Why a network could not be exported. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The genotype, a name or a size is none that a network can be built from.
    #[error(transparent)]
    Network(#[from] models::error::Error),
    /// The genotype file cannot be read.
    #[error(transparent)]
    Genotype(#[from] models::genotype::ReadError),
    /// The input spec is none.
    #[error(transparent)]
    Input(#[from] models::input::Error),
    /// A choice point is left: the network is a supernet.
    #[error("export {path}: a choice among {candidates} operations is still open; derive a genotype first")]
    Mix {
        /// Path of the node.
        path: String,
        /// How many candidate operations it has.
        candidates: usize,
    },
    /// An operation that draws at random.
    #[error(
        "export {path}: the operation noise draws anew at every run, so no two runs would agree; choose another cell"
    )]
    Noise {
        /// Path of the node.
        path: String,
    },
    /// A channel shuffle, which only supernets have.
    #[error(
        "export {path}: channels are shuffled in supernets of pc-darts alone; export the genotype that a search derived"
    )]
    Shuffle {
        /// Path of the node.
        path: String,
    },
    /// A network in which nothing is computed.
    #[error("export {network}: it computes nothing")]
    Empty {
        /// Name of the network.
        network: String,
    },
    /// The weights file cannot be read.
    #[error("read weights {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The weights file ends too early.
    #[error("read weights {}: the file is truncated: {expected} bytes are announced, {found} are there", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that its header announces.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// The weights file is no safetensors file, or a damaged one.
    #[error("read weights {}: it is not a valid safetensors file: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// An entry of the weights file's metadata cannot be understood.
    #[error("read weights {}: metadata entry `{key}`: {problem}", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// Key of the entry.
        key: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The weights are not those of the network.
    #[error("use {weights} for {network}: {problems}")]
    Tensors {
        /// Name of the weights.
        weights: String,
        /// Name of the network.
        network: String,
        /// The tensors at fault.
        problems: Problems,
    },
    /// The weights file's description contradicts the network.
    #[error("use {weights}: {what} is {stored} there, but {asked} is asked for")]
    Contradiction {
        /// Name of the weights.
        weights: String,
        /// Which property, with the flag that sets it where there is one.
        what: String,
        /// As the weights have it.
        stored: String,
        /// As the network or the command line has it.
        asked: String,
    },
    /// The weights are still at initialisation.
    #[error("export {weights}: {reason}; give trained weights, or say --allow-random")]
    Untrained {
        /// Name of the weights.
        weights: String,
        /// How it was noticed.
        reason: &'static str,
    },
    /// Folding a batch normalisation gives numbers beyond 32-bit floats.
    #[error("fold {path}: the folded weights are not finite")]
    Overflow {
        /// Path of the batch normalisation.
        path: String,
    },
    /// The written graph is not the network. A bug, of ours or of a protobuf library.
    #[error("check the written file: {path}: expected {expected}, found {found}")]
    Check {
        /// Path of the node or name of the tensor at fault.
        path: String,
        /// What the network has.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The written graph cannot be read back. A bug, of ours or of a protobuf library.
    #[error("check the written file")]
    ReadBack(#[from] models::onnx::Error),
    /// A file cannot be made smaller.
    #[error(transparent)]
    Quantize(#[from] crate::quantize::Error),
    /// The file would be longer than protobuf allows.
    #[error("export {network}: the file would be longer than 2 GiB")]
    TooLong {
        /// Name of the network.
        network: String,
    },
    /// The file cannot be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    /// [`Error::Contradiction`], unless what the weights have is what is asked for.
    pub(crate) fn unless_equal<T: ToString>(
        weights: &str,
        what: &str,
        stored: &T,
        asked: &T,
    ) -> Result<(), Self> {
        let (stored, asked) = (stored.to_string(), asked.to_string());
        if stored == asked {
            return Ok(());
        }
        Err(Self::Contradiction { weights: weights.into(), what: what.into(), stored, asked })
    }

    /// Whether the user's input is wrong (exit status 2), rather than something having failed (1).
    #[must_use]
    pub const fn is_users(&self) -> bool {
        match self {
            Self::Check { .. } | Self::ReadBack(_) | Self::Write { .. } => false,
            Self::Quantize(error) => error.is_users(),
            _ => true,
        }
    }
}
