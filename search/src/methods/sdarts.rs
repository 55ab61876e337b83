//! SDARTS (Chen and Hsieh 2020, Stabilizing Differentiable Architecture Search via Perturbation-based Regularization).
//!
//! The weights are trained with perturbed mixing weights `p̃` instead of `p = softmax(α)`, so that they do well around α;
//! α-steps use `p` itself. With `ε = ε₀ + (ε₁ − ε₀) · e / E` at epoch e of E:
//!
//! - RS: `p̃ = renorm(clip(p + U(−ε, ε), 0, 1))`, one draw for each row and weight step.
//! - ADV: `p̃` from the ascent `δ ← Π(δ + η · sign ∇_δ L_t(w, p + δ))`, `η = 2ε / steps`, from a random `δ` in the L∞ ball
//!   of radius ε, in evaluation mode; `Π` clips to the ball, and `p + δ` to `[0, 1]` with sum 1. Dropped where the loss
//!   did not rise.
//!
//! Source: paper §3.2 and §3.3, `xiangning-chen/SmoothDARTS`.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

use super::{Entry, Method, Moment, Pass, Phase, View, Weighing, softmax};
use crate::config::ensure;
use crate::error::Error;

/// Settings of SDARTS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdartsConfig {
    /// Radius of the perturbation in the first epoch, in units of probability.
    pub epsilon: f64,
    /// The radius that it grows to, linearly.
    pub epsilon_last: f64,
    /// Steps of the ascent (ADV).
    pub steps: usize,
}

impl SdartsConfig {
    fn check(&self) -> Result<(), Error> {
        for (key, value) in [("sdarts.epsilon", self.epsilon), ("sdarts.epsilon_last", self.epsilon_last)] {
            ensure((0.0..=1.0).contains(&value), key, value, "at least 0 and at most 1")?;
        }
        Ok(())
    }

    fn radius(&self, moment: Moment) -> f64 {
        (self.epsilon_last - self.epsilon).mul_add(moment.progress(), self.epsilon)
    }
}

/// Random smoothing.
struct Random(SdartsConfig);

impl Method for Random {
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        let radius = self.0.radius(moment);
        let perturbs = moment.phase == Phase::Weights && radius > 0.0;
        let weights = |alpha: &Tensor| {
            let p = softmax(alpha);
            if perturbs { projected(&(&p + drawn(&p, radius)), &p) } else { p }
        };
        view.places().map(|place| Weighing::all(&weights(place.alpha))).collect()
    }
}

/// Adversarial perturbation.
struct Adversarial(SdartsConfig);

impl Method for Adversarial {
    fn adversary<'m>(
        &'m self,
        view: &View<'_>,
        moment: Moment,
        pass: Pass<'m>,
        loss: &dyn Fn(&Pass<'_>) -> Tensor,
    ) -> Pass<'m> {
        let radius = self.0.radius(moment);
        if radius <= 0.0 || self.0.steps == 0 {
            return pass;
        }
        let clean: Vec<Tensor> = no_grad(|| view.places().map(|place| softmax(place.alpha)).collect());
        let of = |rows: &[Tensor]| Pass::with(self, view, moment, rows.iter().map(Weighing::all).collect());
        let before = no_grad(|| loss(&pass).double_value(&[]));
        let attacked = self.ascent(&clean, radius, &|rows| loss(&of(rows)));
        let found = of(&attacked);
        if no_grad(|| loss(&found).double_value(&[])) > before { found } else { pass }
    }
}

impl Adversarial {
    /// The rows after the ascent, from these probabilities.
    fn ascent(&self, clean: &[Tensor], radius: f64, loss: &dyn Fn(&[Tensor]) -> Tensor) -> Vec<Tensor> {
        let rate = 2.0 * radius / self.0.steps as f64;
        let mut rows: Vec<Tensor> = clean.iter().map(|p| projected(&(p + drawn(p, radius)), p)).collect();
        for _ in 0..self.0.steps {
            let leaves: Vec<Tensor> = rows.iter().map(|row| row.detach().set_requires_grad(true)).collect();
            let gradients = Tensor::run_backward(&[loss(&leaves)], &leaves, false, false);
            let moved = rows.iter().zip(&gradients).zip(clean).map(|((row, gradient), p)| {
                if !gradient.defined() {
                    return row.shallow_clone();
                }
                let shift = (row + gradient.sign() * rate - p).clamp(-radius, radius);
                projected(&(p + shift), p)
            });
            rows = moved.collect();
        }
        rows
    }
}

/// A draw from the ball.
fn drawn(p: &Tensor, radius: f64) -> Tensor {
    let mut draw = p.detach().empty_like();
    draw.uniform_(-radius, radius)
}

/// Clipped to `[0, 1]` and scaled to sum 1, as the released code does it; `p` itself where all is clipped away, which among
/// many rows happens.
fn projected(shifted: &Tensor, p: &Tensor) -> Tensor {
    let row = shifted.clamp(0.0, 1.0);
    let sum = row.sum(None::<Kind>);
    (row / sum.clamp_min(f64::EPSILON)).where_self(&sum.gt(0.0), p)
}

pub(super) const RANDOM: Entry = Entry {
    name: "sdarts-rs",
    summary: "DARTS whose weights are trained around alpha, with random perturbations of the mixing weights",
    source: "Chen and Hsieh 2020, Stabilizing Differentiable Architecture Search, random smoothing",
    settings: "",
    published: include_str!("../../presets/methods/sdarts.toml"),
    make: |config| {
        config.sdarts.check()?;
        Ok(Box::new(Random(config.sdarts.clone())))
    },
};

pub(super) const ADVERSARIAL: Entry = Entry {
    name: "sdarts-adv",
    summary: "DARTS whose weights are trained against the worst perturbation of the mixing weights nearby",
    source: "Chen and Hsieh 2020, Stabilizing Differentiable Architecture Search, adversarial",
    make: |config| {
        config.sdarts.check()?;
        Ok(Box::new(Adversarial(config.sdarts.clone())))
    },
    ..RANDOM
};
