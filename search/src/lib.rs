//! NoisyDARTS and its kin on libtorch: search, derive, retrain.
#![forbid(unsafe_code)]
#![allow(clippy::doc_markdown, reason = "NoisyDARTS, ReLU and PyTorch are names, not code")]

pub mod architecture;
pub mod benchmark;
pub mod checkpoint;
mod cli;
pub mod config;
pub mod cost;
pub mod data;
pub mod device;
pub mod diagnostics;
pub mod engine;
pub mod error;
pub mod evaluation;
mod figures;
pub mod finder;
pub mod interrupt;
pub mod meter;
pub mod methods;
pub mod net;
pub mod optim;
pub mod passes;
pub mod precision;
pub mod random;
pub mod report;
pub mod retrain;
pub mod review;
pub mod run_folder;
pub mod search;
pub mod tensor_file;
pub mod weights_file;

pub use cli::main;
