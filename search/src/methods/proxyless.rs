//! ProxylessNAS (Cai et al. 2019): binary gates over the paths of each choice point.
//!
//! With `p = softmax(α)`: weight steps run one path, drawn with `p`. Architecture steps draw two paths `i`, `j` with `p`,
//! without replacement; with `p' = softmax(α_i, α_j)` one of both is opened, `h ~ p'`, and each weighs
//! `g = h − stopgrad(p') + p'`. So the value is that of the open path, and `∂L/∂α_i = Σ_j ∂L/∂g_j · p'_j (δ_ij − p'_i)`
//! (paper eq. 4). After the step both alphas are shifted by the same number, so that `e^{α_i} + e^{α_j}`, and with it the
//! probability of every other path, is what it was. With `gates = "full"` all paths are evaluated and take part.
//! The path of the largest probability is evaluated, and derived.
//! Source: paper §3.2, §3.3; `mit-han-lab/proxylessnas`: `search/modules/mix_op.py` (modes `two`, `full_v2`).

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::sample::{drawn, one_at, plain, strongest};
use super::{Entry, Method, Moment, Pass, Phase, View, Weighing, softmax};
use crate::architecture::numbers;

/// How many gates of a choice point take part in an architecture step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gates {
    /// Two, drawn with their probabilities.
    Two,
    /// All; as much memory and time as DARTS.
    Full,
}

/// Settings of `ProxylessNAS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxylessConfig {
    /// How many gates take part in an architecture step.
    pub gates: Gates,
}

struct Proxyless(ProxylessConfig);

impl Method for Proxyless {
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        match moment.phase {
            Phase::Weights => view.alphas.iter().map(one_path).collect(),
            Phase::Alphas => view.alphas.iter().map(|alpha| self.gated(alpha)).collect(),
            Phase::Evaluation => strongest(view),
        }
    }

    /// Shifts the alphas of the paths that took part.
    fn settle(&self, view: &View<'_>, before: &[Tensor], pass: &Pass<'_>) {
        for ((alpha, before), weighing) in view.alphas.iter().zip(before).zip(pass.rows()) {
            let taking_part = Tensor::from_slice(&weighing.active).to_device(alpha.device());
            let total = |alpha: &Tensor| alpha.detach().masked_select(&taking_part).logsumexp(0, false);
            let shift = (total(alpha) - total(before)) * taking_part.to_kind(alpha.kind());
            let _ = alpha.detach().g_sub_(&shift);
        }
    }
}

impl Proxyless {
    /// The gates of an architecture step: those that take part, one of them open.
    fn gated(&self, alpha: &Tensor) -> Weighing {
        let count = alpha.numel();
        let taking_part: Vec<i64> = match self.0.gates {
            Gates::Two if count > 2 => two(&softmax(alpha)),
            _ => (0..count as i64).collect(),
        };
        let index = Tensor::from_slice(&taking_part).to_device(alpha.device());
        let probabilities = softmax(&alpha.index_select(0, &index));
        let open = one_at(drawn(&probabilities), &probabilities);
        let gates = open - probabilities.detach() + probabilities;
        let weights = alpha.detach().zeros_like().index_add(0, &index, &gates);
        let weighing = Weighing::all(&weights);
        let active = (0..count as i64).map(|k| taking_part.contains(&k)).collect();
        Weighing { active, ..weighing }
    }
}

/// Two different paths, drawn with their probabilities.
fn two(probabilities: &Tensor) -> Vec<i64> {
    let pair = probabilities.detach().multinomial(2, false).to_kind(Kind::Double);
    numbers(&pair).into_iter().map(|place| place as i64).collect()
}

/// One path, drawn with its probability.
fn one_path(alpha: &Tensor) -> Weighing {
    Weighing::one(drawn(&softmax(alpha)), alpha.numel(), &plain(alpha))
}

pub(super) const ENTRY: Entry = Entry {
    name: "proxyless",
    summary: "binary gates: one sampled path for the weights, two for the alphas",
    source: "Cai et al. 2019, ProxylessNAS; mit-han-lab/proxylessnas",
    settings: include_str!("../../presets/methods/proxyless-settings.toml"),
    published: include_str!("../../presets/methods/proxyless.toml"),
    make: |config| Ok(Box::new(Proxyless(config.proxyless))),
};
