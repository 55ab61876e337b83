//! Adam with weight decay inside the gradient, as `torch.optim.Adam`.

use tch::Tensor;

use super::add_scaled;

/// Settings that stay the same during a run.
#[derive(Clone, Copy, Debug)]
pub struct AdamConfig {
    /// Learning rate.
    pub learning_rate: f64,
    /// Decay rates of the two moments.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
}

/// The optimiser's state: two moments per parameter and the number of steps.
#[derive(Debug)]
pub struct Adam {
    config: AdamConfig,
    /// First moment `[parameters]`.
    pub first: Tensor,
    /// Second moment `[parameters]`.
    pub second: Tensor,
    /// Steps taken.
    pub steps: i64,
}

impl Adam {
    /// An optimiser for flat parameters like these that has not stepped yet.
    #[must_use]
    pub fn new(config: AdamConfig, like: &Tensor) -> Self {
        Self { config, first: like.zeros_like(), second: like.zeros_like(), steps: 0 }
    }

    /// Moves the flat `parameters` against the flat `gradient`.
    pub fn step(&mut self, parameters: &mut Tensor, gradient: Tensor) {
        let AdamConfig { learning_rate, betas: [beta1, beta2], eps, weight_decay } = self.config;
        self.steps += 1;
        let mut gradient = gradient;
        if weight_decay != 0.0 {
            add_scaled(&mut gradient, weight_decay, parameters);
        }
        let _ = self.first.lerp_(&gradient, 1.0 - beta1);
        let _ = self.second.g_mul_scalar_(beta2).addcmul_(&(&gradient * (1.0 - beta2)), &gradient);
        let steps = self.steps as f64;
        let step_size = learning_rate / (1.0 - beta1.powf(steps));
        let root_correction = (1.0 - beta2.powf(steps)).sqrt();
        let denominator = self.second.sqrt() / root_correction + eps;
        let _ = parameters.addcdiv_(&(&self.first * -step_size), &denominator);
    }
}
