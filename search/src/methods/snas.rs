//! SNAS (Xie et al. 2019): stochastic search with the concrete distribution, weights and alphas on one loss.
//!
//! Minimises `E_{Z ~ Concrete(α, τ)} L_t(w, Z)` over both, each step on one training batch: per edge, for the whole pass,
//! `Z = softmax((α + g) / τ)`, `g ~ Gumbel(0, 1)`, and `ō(x) = Σ_k Z_k · o_k(x)`. The alphas are logits as they are. τ falls
//! linearly over the epochs; between its two ends the paper leaves the schedule open. Resource constraints are the settings
//! `cost`: the expected cost under `softmax(α)` times their weight. The candidate of the largest probability is evaluated,
//! and derived. Source: paper §2.2, §2.3; `SNAS-Series/SNAS-Series`.

use serde::{Deserialize, Serialize};

use super::gdas::{check_temperatures, linear};
use super::sample::{concrete, strongest};
use super::{Entry, Method, Moment, Phase, View, Weighing};

/// Settings of SNAS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnasConfig {
    /// Temperature of the first epoch, above 0.
    pub tau_start: f64,
    /// Temperature of the last epoch, above 0.
    pub tau_end: f64,
}

struct Snas(SnasConfig);

impl Method for Snas {
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        if moment.phase == Phase::Evaluation {
            return strongest(view);
        }
        let temperature = linear(self.0.tau_start, self.0.tau_end, moment);
        view.alphas.iter().map(|alpha| Weighing::all(&concrete(alpha, temperature))).collect()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "snas",
    summary: "relaxed samples of all candidates; weights and alphas step together on training images",
    source: "Xie et al. 2019, SNAS: Stochastic Neural Architecture Search; SNAS-Series",
    settings: "search.single_level = true",
    published: include_str!("../../presets/methods/snas.toml"),
    make: |config| {
        check_temperatures([("snas.tau_start", config.snas.tau_start), ("snas.tau_end", config.snas.tau_end)])?;
        Ok(Box::new(Snas(config.snas)))
    },
};
