//! Shipping networks: from a [`Network`](models::network::Network) and its weights to an ONNX file.
//!
//! ```no_run
//! # use export::{Options, Weights, lower};
//! # use models::{genotype::Genotype, spaces::{darts, skeleton::Skeleton}};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let genotype = Genotype::parse("")?;
//! let network = darts::derived("mine", &genotype, &Skeleton::cifar(10))?;
//! let model = lower(&network, &Weights::read("weights.safetensors")?, &Options::default())?;
//! model.write("model.onnx")?;
//! # Ok(()) }
//! ```
//!
//! # What a file is
//! Operator set 17, format 8, one image at a time unless [`Options::batch`] says otherwise. Batch norms are folded into the
//! convolutions before them, also behind concatenations, and what would be computed twice is computed once; there are no identities, no constants but initializers, and
//! no initializer that nothing reads. Nodes and initializers have the names of the network's nodes. Metadata says
//! how pictures become inputs, what the classes are called, and what was trained. Equal input gives equal bytes.
//!
//! # How it is made
//! [`lower()`] checks the weights, folds, shares, and lowers each layer; the bytes are then read back by another implementation of
//! the format and lifted to a network again, which must be equal.
#![forbid(unsafe_code)]

mod check;
mod cli;
mod error;
mod fold;
mod lower;
mod metadata;
mod model;
mod onnx;
mod operations;
mod options;
pub mod quantize;
#[cfg(test)]
mod samples;
mod share;
mod source;
pub mod weights;

pub use cli::main;
pub use error::Error;
pub use lower::lower;
pub use model::Model;
pub use options::{Batch, Options, Target};
pub use weights::{Tensor, Weights};
