//! Reading ONNX files: decoding, checking, shape inference and counting, for files of any producer.
//!
//! # Usage
//! ```no_run
//! use models::onnx::{self, Assume};
//! # fn main() -> models::onnx::Result<()> {
//! let model = onnx::read("model.onnx")?;
//! for node in &model.graph.nodes {
//!     println!("{} {} {:?} -> {:?}", node.op_type, node.name, node.inputs, node.outputs);
//! }
//! println!("{} multiply-adds", model.account(&Assume::default())?.macs);
//! # Ok(()) }
//! ```
//!
//! # Design
//! [`proto`] declares the protobuf messages; only [`read()`] and [`decode`] handle them. What they return is a [`Model`]: names are
//! unique and defined, nodes are in order, tensors fill their shapes. [`Model::account`] then walks the nodes once; what an operator
//! does to shapes and how many multiply-adds it costs is one function per operator, in one file per family.
//!
//! Every error is a value that names file, node or byte; memory stays proportional to the file, since no activation is ever
//! allocated and only constants of shape arithmetic are evaluated.

mod account;
mod attribute;
mod cut;
mod error;
mod memory;
mod model;
mod ops;
mod order;
pub mod proto;
mod read;
mod scan;
mod tensor;
mod terms;
#[cfg(test)]
mod tests;

pub use account::{Account, Assume, NodeAccount, UnknownNode};
pub use attribute::Attribute;
pub use cut::up_to;
pub use error::{Error, Result};
pub use model::{Dim, Graph, Model, Node, Port};
/// Bytes that share their memory with what is decoded from them.
pub use prost::bytes::Bytes;
pub use read::{decode, read, read_bytes};
pub use tensor::{DataType, Tensor};
