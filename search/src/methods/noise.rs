//! The noise of `NoisyDARTS` in all published variants.

use models::primitive::SKIP_CONNECT;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::config::ensure;
use crate::error::Error;

/// Which candidates get noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// "Only for skip" (OFS), the paper's default.
    Skip,
    /// "Noise for all" (NFA): independent noise on every candidate.
    All,
}

/// The noise's distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Normal.
    Gaussian,
    /// Uniform, symmetric about its mean.
    Uniform,
}

/// How noise meets the feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `x + μ + σ·ε`
    Additive,
    /// `x · (1 + μ + σ·ε)`
    Multiplicative,
}

/// What sigma is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// In standard deviations of the feature: one scalar over the whole batch tensor, unbiased, without
    /// gradient; what the released code does for additive Gaussian noise. The mean is never scaled.
    Feature,
    /// As it stands.
    Absolute,
}

/// What sigma means for uniform noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UniformSigma {
    /// The standard deviation: half-width `√3·σ`.
    Deviation,
    /// The variance, as in the released code: half-width `√(3·σ)`, never scaled by the feature.
    Variance,
}

/// Settings of the noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Which candidates get noise.
    pub scope: Scope,
    /// Its distribution.
    pub distribution: Distribution,
    /// How it meets the feature.
    pub form: Form,
    /// Its mean μ, the bias; not scaled by the feature.
    pub mean: f64,
    /// Its standard deviation σ (λ in the released code).
    pub sigma: f64,
    /// What sigma is measured in; multiplicative noise is always absolute.
    pub scale: Scale,
    /// What sigma means for uniform noise.
    pub uniform_sigma: UniformSigma,
    /// Whether noise (mean and deviation) decays by `(1 + cos(π·epoch/decay_epochs)) / 2`.
    pub decay: bool,
    /// When decayed noise reaches zero; the released code fixes 50.
    pub decay_epochs: usize,
    /// Whether sigma is learned with the alphas, one per edge. The paper names this ablation but gives no
    /// parametrisation; ours is `σ = exp(s)` with reparameterised noise `σ·ε`, `s` starting at `ln sigma`.
    pub learnable: bool,
    /// Drop-path on the output of skip connections, behind their noise. The released supernet hides 0.3 here,
    /// with noise and without, in evaluation too and in place; here it is off by default, in training passes
    /// only, never in place.
    pub drop_path: f64,
}

impl Noise {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When a number is out of range or two settings contradict; names the keys.
    pub fn check(&self) -> Result<(), Error> {
        let Self { sigma, mean, drop_path, .. } = *self;
        let deviation = sigma.is_finite() && sigma >= 0.0;
        ensure(deviation, "noise.sigma", sigma, "a finite number, at least 0")?;
        ensure(mean.is_finite(), "noise.mean", mean, "a finite number")?;
        ensure((0.0..1.0).contains(&drop_path), "noise.drop_path", drop_path, "a probability below 1")?;
        let starts = !(self.learnable && sigma == 0.0);
        ensure(starts, "noise.sigma", sigma, "above 0 when noise.learnable = true")?;
        let ends = !(self.decay && self.decay_epochs == 0);
        ensure(ends, "noise.decay_epochs", self.decay_epochs, "at least 1 when noise.decay = true")
    }

    /// Whether this operation's output gets noise, or is dropped, in this epoch. With sigma, mean and drop-path 0 none
    /// does and nothing is drawn, so that the search equals DARTS bit for bit.
    #[must_use]
    pub fn reaches(&self, op: &str, epoch: usize) -> bool {
        let is_skip = op == SKIP_CONNECT;
        let noisy = (self.scope == Scope::All || is_skip) && !self.is_silent(epoch);
        noisy || (is_skip && self.drop_path > 0.0)
    }

    /// The feature with noise. `log_sigma` is the learned `ln σ`, a scalar, where there is one.
    #[must_use]
    pub fn apply(&self, x: &Tensor, log_sigma: Option<&Tensor>, epoch: usize) -> Tensor {
        if self.is_silent(epoch) { x.shallow_clone() } else { self.disturb(x, log_sigma, self.decay_at(epoch)) }
    }

    fn is_silent(&self, epoch: usize) -> bool {
        self.decay_at(epoch) == 0.0 || (self.mean == 0.0 && self.sigma == 0.0)
    }

    fn disturb(&self, x: &Tensor, log_sigma: Option<&Tensor>, decay: f64) -> Tensor {
        let unit = self.draw(x);
        let deviation = match log_sigma {
            Some(log_sigma) => unit * log_sigma.exp(),
            None => unit * self.deviation(),
        };
        let scaled = if self.is_scaled() { deviation * x.detach().std(true) } else { deviation };
        let noise = (scaled + self.mean) * decay;
        match self.form {
            Form::Additive => x + noise,
            Form::Multiplicative => x * (noise + 1.0),
        }
    }

    /// Values of mean 0 and variance 1 in the shape `[N, C, H, W]` of `x`.
    fn draw(&self, x: &Tensor) -> Tensor {
        // Drawn into contiguous memory, which is much faster, with channels innermost as features have them.
        let mut plain = x.permute([0, 2, 3, 1]).contiguous().empty_like();
        let drawn = match self.distribution {
            Distribution::Gaussian => plain.normal_(0.0, 1.0),
            Distribution::Uniform => plain.uniform_(-3_f64.sqrt(), 3_f64.sqrt()),
        };
        drawn.permute([0, 3, 1, 2])
    }

    fn deviation(&self) -> f64 {
        if self.is_variance() { self.sigma.sqrt() } else { self.sigma }
    }

    fn is_variance(&self) -> bool {
        self.distribution == Distribution::Uniform && self.uniform_sigma == UniformSigma::Variance
    }

    fn is_scaled(&self) -> bool {
        self.scale == Scale::Feature && self.form == Form::Additive && !self.is_variance()
    }

    /// The factor on the whole noise in this epoch, constant within it, 0 from `decay_epochs` on.
    fn decay_at(&self, epoch: usize) -> f64 {
        if !self.decay {
            return 1.0;
        }
        let progress = epoch as f64 / self.decay_epochs as f64;
        if progress >= 1.0 { 0.0 } else { (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0 }
    }
}
