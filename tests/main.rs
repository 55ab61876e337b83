//! tests

mod errors;
mod export;
#[cfg(feature = "torch")]
mod golden;
#[cfg(feature = "torch")]
mod identities;
#[cfg(feature = "torch")]
mod noise;
#[cfg(feature = "torch")]
mod optimizers;
#[cfg(feature = "torch")]
mod parity;
#[cfg(feature = "torch")]
mod pipeline;
#[cfg(feature = "torch")]
mod resume;
#[cfg(feature = "torch")]
mod supernet;
mod support;
#[cfg(feature = "torch")]
mod tiny;
