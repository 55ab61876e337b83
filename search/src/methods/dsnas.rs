//! DSNAS (Hu et al. 2020): search directly in the discrete networks, without anything to discretise at the end.
//!
//! Per edge, for the whole pass, one candidate `k ~ p = softmax(α)` is drawn, and it alone is run, with the weight
//! `Z_k = exp(log p_k − stopgrad(log p_k))`: 1 in value, with the gradient of `log p_k`. So
//! `∂L/∂α = (∂L/∂Z_k) · ∇ log p_k`: a score function whose reward is the linearised loss of the candidate, `∂L/∂Z_k · Z_k`
//! (paper §3.2, eq. 6). Weights and alphas step together on one training batch. The candidate of the largest probability is
//! evaluated, and derived; the supernet's weights are its weights.
//! Source: paper §3; `SNAS-Series/SNAS-Series`. It publishes settings for a space of its own, so those here are SNAS's.

use tch::Kind;

use super::sample::{drawn, strongest};
use super::{Entry, Method, Moment, Phase, View, Weighing};

struct Dsnas;

impl Method for Dsnas {
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        if moment.phase == Phase::Evaluation {
            return strongest(view);
        }
        view.alphas.iter().map(scored).collect()
    }
}

/// One drawn candidate, whose weight has the gradient of its log-probability.
fn scored(alpha: &tch::Tensor) -> Weighing {
    let logs = alpha.log_softmax(-1, None::<Kind>);
    let chosen = drawn(&logs.exp());
    let log = logs.get(chosen as i64);
    Weighing::one(chosen, alpha.numel(), &(&log - log.detach()).exp())
}

pub(super) const ENTRY: Entry = Entry {
    name: "dsnas",
    summary: "one sampled path per pass for weights and alphas, with the gradient of its log-probability",
    source: "Hu et al. 2020, DSNAS: Direct Neural Architecture Search without Parameter Retraining; SNAS-Series",
    settings: "search.single_level = true",
    published: include_str!("../../presets/methods/dsnas.toml"),
    make: |_| Ok(Box::new(Dsnas)),
};
