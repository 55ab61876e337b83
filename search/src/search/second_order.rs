//! The architecture's gradient of second order (Liu et al. 2019, §2.3).
//!
//! `w' = w − η (μ m + ∇_w L_t(w, α) + λ w)`, `v = ∇_{w'} L_v(w', α)`, `ε = 0.01 / ‖v‖`, `w± = w ± ε v`:
//! `g = ∇_α L_v(w', α) − η (∇_α L_t(w+, α) − ∇_α L_t(w−, α)) / (2 ε)`. The virtual weights have statistics of their own.
//!
//! Noise and drop-path are drawn once for the training batch: were `w+` and `w−` seen under different draws, the
//! difference would be that of the draws, divided by a small number. (The released codes draw anew.)

use tch::{Tensor, no_grad};

use super::Search;
use crate::data::Batch;
use crate::methods::Pass;
use crate::net::{Descent, Subject, Weights};
use crate::random::Purpose;

/// The finite difference's step, over the norm of the weights' gradient.
const STEP: f64 = 0.01;

/// Validation loss and logits at the virtual weights, and the gradient of alphas and extras; `batches` are one of
/// training and one of validation, `rate` is η, `global` is the step's number among all.
pub(super) fn descent(
    search: &Search<'_>,
    pass: &Pass<'_>,
    [training, valid]: [&Batch; 2],
    rate: f64,
    global: u64,
) -> Descent {
    let training = Training { search, pass, batch: training, global };
    let ahead = training.virtual_weights(rate);
    let statistics = search.statistics.copy(&search.net.layout);
    let subject = Subject { weights: &ahead, statistics: &statistics, ..search.subject(pass) };
    let both = search.descent(subject, valid, &search.architecture.leaves_with(&ahead), true);
    let [direct, direction] = search.architecture.split(&both.gradient);
    let implicit = training.product(&direction);
    Descent { gradient: direct - implicit * rate, ..both }
}

/// The training loss as a function of the weights.
struct Training<'a> {
    search: &'a Search<'a>,
    pass: &'a Pass<'a>,
    batch: &'a Batch,
    global: u64,
}

impl Training<'_> {
    fn gradient(&self, weights: &Weights, leaves: &[Tensor]) -> Tensor {
        let Self { search, pass, batch, global } = *self;
        search.seed.seed_torch(Purpose::SecondOrder, global);
        let subject = Subject { weights, ..search.subject(pass) };
        search.descent(subject, batch, leaves, true).gradient
    }

    /// The weights after one step of momentum SGD.
    fn virtual_weights(&self, rate: f64) -> Weights {
        let search = self.search;
        let gradient = self.gradient(&search.weights, &search.weights.views);
        let mut direction = gradient + &search.weights.flat * search.optimizer.config.weight_decay;
        if let Some(momentum) = &search.optimizer.momentum {
            direction += momentum * search.config.search.momentum;
        }
        Weights::from_flat(&search.net.layout.weights, &(&search.weights.flat - direction * rate))
    }

    /// `∇²_{α,w} L_t · v` by a central difference.
    fn product(&self, direction: &Tensor) -> Tensor {
        let search = self.search;
        let step = direction.norm().reciprocal() * STEP;
        let at = |sign: f64| {
            let flat = no_grad(|| &search.weights.flat + direction * (&step * sign));
            let weights = Weights::from_flat(&search.net.layout.weights, &flat);
            self.gradient(&weights, &search.architecture.leaves())
        };
        (at(1.0) - at(-1.0)) / (step * 2.0)
    }
}
