//! Building ONNX files: a graph is made of values, operators and constants, and becomes bytes.
//!
//! The only module that names `onnx_protobuf`. It writes and never parses; what was written is read back by
//! `models::onnx`, another implementation of the format.

mod attr;
mod graph;
pub(crate) mod op;
mod rewrite;

pub(crate) use graph::{Dim, Graph, Header, Value};
pub(crate) use rewrite::encode;
