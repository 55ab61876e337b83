//! Neural networks as data.
//!
//! A search space, a supernet, a derived net, a zoo model: each is one [`network::Network`], a list of nodes
//! over the closed set of [`layer::Layer`]s. A supernet's choice points are [`layer::Layer::Mix`] nodes;
//! deriving replaces each by what was chosen. Several readers share that one description and cannot drift
//! apart: [`cost`] counts it, [`draw`] draws its cells, `search` trains it, `export` ships it.
//!
//! Beside it: [`genotype`]s, the text form of what a search finds; [`data`] readers; the [`input`] spec that
//! travels with a model.

pub mod candidate_cost;
pub mod clock;
pub mod conventions;
pub mod cost;
pub mod draw;
pub mod error;
pub mod files;
pub mod genotype;
mod infer;
pub mod layer;
pub mod lut;
pub mod memory;
pub mod nb201;
pub mod network;
pub mod pieces;
pub mod primitive;
pub mod proc;
pub mod seal;
pub mod shape;
pub mod spaces;
pub mod zoo;

pub mod data;
pub mod input;
#[cfg(feature = "onnx")]
pub mod onnx;
