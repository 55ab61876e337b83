//! Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD`.

use tch::Tensor;

use super::add_scaled;

/// Settings.
#[derive(Clone, Copy, Debug)]
pub struct SgdConfig {
    /// Momentum.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
    /// Whether to use Nesterov's momentum.
    pub nesterov: bool,
}

/// The optimiser's state: one momentum value per weight.
#[derive(Debug)]
pub struct Sgd {
    /// Its settings; the weight decay may change during a run.
    pub config: SgdConfig,
    /// Momentum buffer `[weights]`; `None` before the first step, which sets it to the gradient.
    pub momentum: Option<Tensor>,
}

impl Sgd {
    /// An optimiser that has not stepped yet.
    #[must_use]
    pub const fn new(config: SgdConfig) -> Self {
        Self { config, momentum: None }
    }

    /// Moves the flat `weights` against the flat `gradient` at this learning rate.
    pub fn step(&mut self, weights: &mut Tensor, gradient: Tensor, learning_rate: f64) {
        let SgdConfig { momentum, weight_decay, nesterov } = self.config;
        let mut direction = gradient;
        if weight_decay != 0.0 {
            add_scaled(&mut direction, weight_decay, weights);
        }
        if momentum != 0.0 {
            let buffer = match self.momentum.take() {
                None => direction.copy(),
                Some(mut buffer) => {
                    let _ = buffer.g_mul_scalar_(momentum).g_add_(&direction);
                    buffer
                }
            };
            if nesterov {
                add_scaled(&mut direction, momentum, &buffer);
            } else {
                direction = buffer.shallow_clone();
            }
            self.momentum = Some(buffer);
        }
        add_scaled(weights, -learning_rate, &direction);
    }
}
