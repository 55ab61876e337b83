//! The `DropPath` baseline (Chu and Zhang 2021, Table 5): drop-path on skip connections instead of noise.
//!
//! `ō(x) = Σ_{k≠skip} p_k · o_k(x) + p_skip · o_skip(x) · b / (1 − r)`, with `b ~ Bernoulli(1 − r)` drawn for each
//! sample, in training passes only: as noise does, it makes skip connections unreliable without a bias.

use models::primitive::SKIP_CONNECT;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Entry, Method, Moment};
use crate::config::ensure;
use crate::error::Error;
use crate::net::{Candidate, drop_path};

/// Settings of the `DropPath` baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropPathConfig {
    /// Probability r with which a sample's skip connection is dropped, in `[0, 1)`.
    pub rate: f64,
}

impl DropPathConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When the rate is none.
    fn check(&self) -> Result<(), Error> {
        ensure((0.0..1.0).contains(&self.rate), "drop_path.rate", self.rate, "a probability below 1")
    }
}

/// DARTS with drop-path on skip connections.
struct DropPath {
    rate: f64,
}

impl Method for DropPath {
    fn touches(&self, op: &str, _moment: Moment) -> bool {
        op == SKIP_CONNECT && self.rate > 0.0
    }

    fn perturb(
        &self,
        _candidate: Candidate<'_>,
        _extras: &[Tensor],
        _moment: Moment,
        output: Tensor,
    ) -> Tensor {
        drop_path(&output, self.rate)
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "drop-path",
    summary: "DARTS with drop-path on the skip connections while searching: the paper's baseline",
    source: "Chu and Zhang 2021, Noisy Differentiable Architecture Search, Table 5",
    settings: "",
    published: include_str!("../../presets/methods/drop_path.toml"),
    make: |config| {
        config.drop_path.check()?;
        Ok(Box::new(DropPath { rate: config.drop_path.rate }))
    },
};
