//! End-to-end tests of the three programs: files, command lines, numbers against independent references.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to panic")]

#[cfg(feature = "torch")]
mod bench_step;
#[cfg(feature = "torch")]
mod benchmark;
#[cfg(feature = "torch")]
mod compute;
mod counts;
mod errors;
mod export;
#[cfg(feature = "torch")]
mod failures;
#[cfg(feature = "torch")]
mod golden;
#[cfg(feature = "torch")]
mod identities;
#[cfg(feature = "torch")]
mod landscape;
#[cfg(feature = "torch")]
mod methods;
#[cfg(feature = "torch")]
mod nb201;
#[cfg(feature = "torch")]
mod noise;
mod operations;
#[cfg(feature = "torch")]
mod optimizers;
#[cfg(feature = "torch")]
mod parity;
#[cfg(feature = "torch")]
mod pipeline;
#[cfg(feature = "torch")]
mod quantize;
#[cfg(feature = "torch")]
mod resume;
#[cfg(feature = "torch")]
mod supernet;
mod support;
#[cfg(feature = "torch")]
mod tiny;
