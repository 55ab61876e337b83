//! The Hessian of the validation loss with respect to the architecture parameters.

use tch::{Device, Kind, Tensor};

use super::Search;
use crate::diagnostics::eigen::{Largest, Limits, lanczos};
use crate::diagnostics::hessian;
use crate::methods::{Pass, Phase};
use crate::random::Purpose;

/// When the largest eigenvalue counts as found, relative to it, and the most products it may take.
const LIMITS: Limits = Limits { tolerance: 1e-3, products: 60 };

impl Search<'_> {
    /// The largest eigenvalue of the Hessian of `L_v + λ/2 |α|²` on one validation batch in training mode, as
    /// `RobustDARTS` takes it (Zela et al. 2020, §4), by Lanczos's method. Statistics stay as they are.
    #[must_use]
    pub fn eigenvalue(&self, epoch: usize) -> f64 {
        self.largest_eigenvalue(epoch).value
    }

    /// [`Self::eigenvalue`], with how it was found.
    #[must_use]
    pub fn largest_eigenvalue(&self, epoch: usize) -> Largest {
        let (gradient, leaves) = self.twice_differentiable(epoch);
        let decay = self.config.search.alpha_weight_decay;
        let start = Tensor::randn([gradient.numel() as i64], (Kind::Float, Device::Cpu)).to_device(self.device);
        lanczos(&start, LIMITS, |vector| hessian::product(&gradient, &leaves, vector) + vector * decay)
    }

    /// The whole Hessian `[n, n]` of the same, the alphas of all rows one behind the other.
    #[must_use]
    pub fn hessian(&self, epoch: usize) -> Tensor {
        let (gradient, leaves) = self.twice_differentiable(epoch);
        hessian::with_decay(&hessian::full(&gradient, &leaves), self.config.search.alpha_weight_decay)
    }

    /// The gradient of the validation loss, itself differentiable, and the alphas.
    fn twice_differentiable(&self, epoch: usize) -> (Tensor, Vec<Tensor>) {
        let batch = self.valid_batch(epoch % self.valid_batches());
        self.seed.seed_torch(Purpose::Curvature, epoch as u64);
        let pass = Pass::new(self.method.as_ref(), &self.view(), self.moment(epoch, Phase::Alphas));
        let statistics = self.statistics.copy(&self.net.layout);
        let (loss, _) = self.loss_with(&self.weights, &statistics, &pass, &batch, true);
        let leaves: Vec<Tensor> = self.architecture.alphas.views.iter().map(Tensor::shallow_clone).collect();
        (hessian::gradient(&loss, &leaves), leaves)
    }
}
