//! What can be wrong with an ONNX file.

use std::{io, path::PathBuf};

use super::tensor::DataType;

/// `Result` with this module's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file cannot be read or understood. Texts are fragments that fit after "failed to …" or after a colon.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file at fault, around what is wrong with it.
    #[error("read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<Error>,
    },
    /// The node at fault, around what is wrong with it.
    #[error("node {name:?} ({op_type})")]
    Node {
        /// Name of the node, or of its first output where it has none.
        name: String,
        /// Its operator.
        op_type: String,
        /// What is wrong.
        source: Box<Error>,
    },
    /// The operating system's error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder where a file was asked for.
    #[error("it is a folder, not an ONNX file")]
    Folder,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Longer than protobuf allows.
    #[error("the file is longer than {limit} bytes, the most that protobuf allows")]
    TooLong {
        /// 2 GiB less one byte.
        limit: u64,
    },
    /// The first bytes are no ONNX message.
    #[error("it is not an ONNX file (byte {offset}: {found})")]
    NotOnnx {
        /// Position in the file.
        offset: usize,
        /// What is there.
        found: String,
    },
    /// The file ends inside a field.
    #[error(
        "the file is truncated: at byte {offset} `{field}` announces {expected} bytes and {found} are there"
    )]
    Truncated {
        /// Position of the field's contents.
        offset: usize,
        /// Name of the field.
        field: &'static str,
        /// Bytes announced.
        expected: u64,
        /// Bytes left.
        found: u64,
    },
    /// A field inside the file cannot be decoded.
    #[error("the file is damaged")]
    Decode(#[from] prost::DecodeError),
    /// A model without a network.
    #[error("there is no graph in it")]
    NoGraph,
    /// A value that no node gives.
    #[error("no node gives a value {value:?}")]
    NoValue {
        /// Its name.
        value: String,
    },
    /// Operators of an unsupported domain only.
    #[error("it names no version of the standard operator set")]
    NoOpset,
    /// Weights in another file.
    #[error(
        "tensor {tensor:?} keeps its data in another file, which is not supported; save the model as one file"
    )]
    ExternalData {
        /// The tensor.
        tensor: String,
    },
    /// Dimensions that cannot be.
    #[error("{value:?} has the impossible shape {dims:?}")]
    BadShape {
        /// The value.
        value: String,
        /// Its dimensions as written.
        dims: Vec<i64>,
    },
    /// A tensor whose data does not fill its shape.
    #[error("tensor {tensor:?} of shape {dims:?} needs {expected} {unit}, found {found}")]
    BadData {
        /// The tensor.
        tensor: String,
        /// Its shape.
        dims: Vec<usize>,
        /// How many are needed.
        expected: usize,
        /// How many are there.
        found: usize,
        /// `bytes` or `elements`.
        unit: &'static str,
    },
    /// A tensor of another element type than was asked for.
    #[error("tensor {tensor:?} holds {found}, expected {expected}")]
    BadType {
        /// The tensor.
        tensor: String,
        /// What was asked for.
        expected: &'static str,
        /// What it holds.
        found: DataType,
    },
    /// Two values of one name.
    #[error("value {value:?} is defined twice")]
    Duplicate {
        /// The name.
        value: String,
    },
    /// An input or initializer that no node can read.
    #[error("an input or initializer has no name")]
    Unnamed,
    /// A value that nothing provides.
    #[error("{value:?} is read, but it is no input, no initializer and no node's output")]
    Missing {
        /// The name.
        value: String,
    },
    /// Nodes that wait for each other.
    #[error("the graph has a cycle")]
    Cycle,
    /// An operator that is not in the tables.
    #[error("the operator is not supported")]
    UnknownOperator,
    /// A required input that was left out.
    #[error("input {index} is missing")]
    NoInput {
        /// Position, from 0.
        index: usize,
    },
    /// An attribute that cannot be.
    #[error("attribute `{name}`: {problem}")]
    Attribute {
        /// Name of the attribute.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// Input shapes that do not fit the operator or each other.
    #[error("it expects {expected}, found {found:?}")]
    Mismatch {
        /// What it can take.
        expected: String,
        /// The shapes of its inputs.
        found: Vec<Vec<usize>>,
    },
    /// A shape that depends on more than the input's shape.
    #[error("the value of input {index} must be known without running the model")]
    NotConstant {
        /// Position of the input, from 0.
        index: usize,
    },
    /// A graph input whose size is open.
    #[error("input {input:?} has the open shape {shape}; give its size")]
    OpenShape {
        /// The input.
        input: String,
        /// Its shape as written.
        shape: String,
    },
    /// More elements or operations than can be counted.
    #[error("the number of {what} overflows")]
    Overflow {
        /// What was counted.
        what: &'static str,
    },
}

impl Error {
    /// Says which node it was.
    pub(super) fn at(self, name: &str, op_type: &str) -> Self {
        Self::Node { name: name.into(), op_type: op_type.into(), source: Box::new(self) }
    }
}
