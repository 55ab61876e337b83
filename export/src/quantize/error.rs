//! What can go wrong when a file is made smaller.

use models::{data, input, onnx};

/// Another library's error, with its own causes.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a file could not be quantised. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model's file is no model.
    #[error(transparent)]
    Onnx(#[from] onnx::Error),
    /// The calibration pictures cannot be read, or do not fit the model.
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
    /// A flag that is missing, has no use, or does not fit the model.
    #[error("accept {flag}: {problem}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A model that is quantised already.
    #[error(
        "quantize {model}: it is quantised already (node {node:?} is a {op_type}); give the file of 32-bit floats"
    )]
    Already {
        /// The model.
        model: String,
        /// The first node that says so.
        node: String,
        /// Its operator.
        op_type: String,
    },
    /// A model without anything to quantise.
    #[error("quantize {model}: no {wanted} whose weights are constants of 32-bit floats is in it")]
    Nothing {
        /// The model.
        model: String,
        /// The operators that were looked for.
        wanted: &'static str,
    },
    /// A model that does not take pictures.
    #[error("calibrate {model}: {problem}")]
    Input {
        /// The model.
        model: String,
        /// Expected and found.
        problem: String,
    },
    /// Weights per channel need operator set 13, and an operator changed its meaning before.
    #[error(
        "quantize {model}: its operator set {opset} must become 13, but {op_type} (node {node:?}) changed in between; convert the file first, as with onnx.version_converter"
    )]
    Operators {
        /// The model.
        model: String,
        /// Its operator set.
        opset: i64,
        /// The node at fault.
        node: String,
        /// Its operator.
        op_type: String,
    },
    /// A node that holds a graph of its own.
    #[error(
        "quantize {model}: attribute `{attribute}` of node {node:?} holds a graph or a type, which cannot be copied"
    )]
    Subgraph {
        /// The model.
        model: String,
        /// The node.
        node: String,
        /// Its attribute.
        attribute: String,
    },
    /// Weights that are not numbers.
    #[error("quantize {model}: tensor {tensor:?} holds {found}, expected finite numbers")]
    Weights {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
        /// NaN or an infinity.
        found: f32,
    },
    /// An activation that is not a number.
    #[error("calibrate {model}: value {value:?} holds {found} for picture {picture}, expected finite numbers")]
    Activation {
        /// The model.
        model: String,
        /// The value.
        value: String,
        /// NaN or an infinity.
        found: f32,
        /// The picture, or the first one that was run at once with it.
        picture: String,
    },
    /// tract refuses the model.
    #[error("load {model} into tract")]
    Load {
        /// The model.
        model: String,
        /// Why.
        source: Cause,
    },
    /// tract fails while it runs the model.
    #[error("run {model} in tract")]
    Run {
        /// The model.
        model: String,
        /// Why.
        source: Cause,
    },
    /// What was written reads otherwise. A bug, of ours or of a protobuf library.
    #[error("check the quantised file: what was written reads otherwise")]
    Check,
    /// The file would be longer than protobuf allows.
    #[error("quantize {model}: the file would be longer than 2 GiB")]
    TooLong {
        /// The model.
        model: String,
    },
}

impl Error {
    /// Whether the user's input is wrong (exit status 2), rather than something having failed (1).
    #[must_use]
    pub const fn is_users(&self) -> bool {
        !matches!(self, Self::Run { .. } | Self::Check)
    }
}
