//! GDAS (Dong and Yang 2019): one sampled path per pass, differentiable by a straight-through estimator.
//!
//! Per edge, for the whole pass: `y = softmax((log softmax(α) + g) / τ)`, `g ~ Gumbel(0, 1)`; `h` is one-hot at `argmax y`. A
//! candidate weighs `h − stopgrad(y) + y`, so its value is 1 or 0 and its gradient that of `y`. Only the argmax is
//! evaluated; the others add their weight, a zero, to the sum, as the released code does, so that they get gradients too:
//! `ō = (h_k − stopgrad(y_k) + y_k) · o_k(x) + Σ_{j≠k} (y_j − stopgrad(y_j))`. τ falls linearly over the epochs. The
//! candidate of the largest probability is evaluated, and derived. Source: paper §3; `D-X-Y/AutoDL-Projects`:
//! `search_model_gdas.py`.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::sample::{argmax, concrete, one_at, strongest};
use super::{Entry, Method, Moment, Phase, View, Weighing};
use crate::config::ensure;
use crate::error::Error;

/// Settings of GDAS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GdasConfig {
    /// Temperature of the first epoch, above 0.
    pub tau_start: f64,
    /// Temperature of the last epoch, above 0.
    pub tau_end: f64,
}

struct Gdas(GdasConfig);

impl Method for Gdas {
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        if moment.phase == Phase::Evaluation {
            return strongest(view);
        }
        let temperature = linear(self.0.tau_start, self.0.tau_end, moment);
        let row = |alpha: &Tensor| straight_through(alpha, temperature);
        view.alphas.iter().map(row).collect()
    }
}

/// One sampled candidate; all weights carry the gradient of the relaxed sample.
fn straight_through(alpha: &Tensor, temperature: f64) -> Weighing {
    let sample = concrete(&alpha.log_softmax(-1, None::<Kind>), temperature);
    let chosen = argmax(&sample);
    let weights = one_at(chosen, &sample) - sample.detach() + sample;
    let weighing = Weighing::all(&weights);
    let active = (0..weighing.active.len()).map(|k| k == chosen).collect();
    Weighing { active, carried: true, ..weighing }
}

/// Refuses temperatures that are none.
///
/// # Errors
/// Names the key.
pub(super) fn check_temperatures(settings: [(&'static str, f64); 2]) -> Result<(), Error> {
    for (key, value) in settings {
        ensure(value.is_finite() && value > 0.0, key, value, "a number above 0")?;
    }
    Ok(())
}

/// From the first value in the first epoch to the last one in the last.
pub(super) fn linear(first: f64, last: f64, moment: Moment) -> f64 {
    (last - first).mul_add(moment.ramp().min(1.0), first)
}

pub(super) const ENTRY: Entry = Entry {
    name: "gdas",
    summary: "one path per pass, sampled with Gumbel noise, straight-through gradients",
    source: "Dong and Yang 2019, Searching for a Robust Neural Architecture in Four GPU Hours; AutoDL-Projects",
    settings: "",
    published: include_str!("../../presets/methods/gdas.toml"),
    make: |config| {
        check_temperatures([("gdas.tau_start", config.gdas.tau_start), ("gdas.tau_end", config.gdas.tau_end)])?;
        Ok(Box::new(Gdas(config.gdas)))
    },
};
