//! Judges models by their ONNX file alone: cost, accuracy, latency, agreement of runtimes.
//!
//! # Usage
//! [`main`] is the program `noisydarts-evaluate`; each subcommand is one file in `commands`.
//!
//! # Design
//! A runtime (ONNX Runtime, tract) is one file in [`runtimes`] and its name in [`runtimes::RUNTIMES`]. Pictures and input specs come
//! from [`models::data`] and [`models::input`], so every runtime sees bit-identical inputs. No libtorch is needed, and without
//! the feature `ort` no dynamic library either: that build is what goes onto a device.
//!
//! stdout is data, stderr is talk. Exit status: 0 done, 1 it failed, 2 the user's input is wrong, 3 a comparison did not hold.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod device;
mod error;
mod feed;
mod input;
mod measure;
mod metadata;
mod pipeline;
mod places;
mod predictions;
mod random;
mod report;
pub mod runtimes;
mod save;
mod schema;
mod subject;
mod talk;

pub use cli::main;
pub use error::{Cause, Error, Result};
pub use subject::{ModelFile, Subject};
