//! The architecture's gradient of second order (Liu et al. 2019, §2.3).
//!
//! `w' = w − η (μ m + ∇_w L_t(w, α) + λ w)`, `v = ∇_{w'} L_v(w', α)`, `ε = 0.01 / ‖v‖`, `w± = w ± ε v`:
//! `g = ∇_α L_v(w', α) − η (∇_α L_t(w+, α) − ∇_α L_t(w−, α)) / (2 ε)`. The virtual weights have statistics of their own.

use tch::{Tensor, no_grad};

use super::Search;
use crate::data::Batch;
use crate::methods::Pass;
use crate::net::{Weights, flat_gradient};

/// The finite difference's step, over the norm of the weights' gradient.
const STEP: f64 = 0.01;

/// Validation loss and logits at the virtual weights, and the gradient of alphas and extras; `batches` are one of
/// training and one of validation, `rate` is η.
pub(super) fn gradient(
    search: &Search<'_>,
    pass: &Pass<'_>,
    [training, valid]: [&Batch; 2],
    rate: f64,
) -> (Tensor, Tensor, Tensor) {
    let ahead = virtual_weights(search, pass, training, rate);
    let statistics = search.statistics.copy(&search.net.layout);
    let (loss, logits) = search.loss_with(&ahead, &statistics, pass, valid, true);
    let mut leaves = search.architecture.leaves();
    let alphas: i64 = leaves.iter().map(|leaf| leaf.numel() as i64).sum();
    leaves.extend(ahead.views.iter().map(Tensor::shallow_clone));
    let both = flat_gradient(&loss, &leaves);
    let direction = both.narrow(0, alphas, both.numel() as i64 - alphas);
    let implicit = product(search, pass, training, &direction);
    (loss, logits, both.narrow(0, 0, alphas) - implicit * rate)
}

/// The weights after one step of momentum SGD.
fn virtual_weights(search: &Search<'_>, pass: &Pass<'_>, training: &Batch, rate: f64) -> Weights {
    let (loss, _) = search.loss_with(&search.weights, &search.statistics, pass, training, true);
    let mut direction = search.weights.gradient(&loss) + &search.weights.flat * search.weight_decay;
    if let Some(momentum) = &search.optimizer.momentum {
        direction += momentum * search.config.search.momentum;
    }
    let flat = no_grad(|| &search.weights.flat - direction * rate);
    Weights::from_flat(&search.net.layout.weights, &flat)
}

/// `∇²_{α,w} L_t · v` by a central difference.
fn product(search: &Search<'_>, pass: &Pass<'_>, training: &Batch, direction: &Tensor) -> Tensor {
    let step = STEP / direction.norm().double_value(&[]);
    let at = |sign: f64| {
        let flat = no_grad(|| &search.weights.flat + direction * (sign * step));
        let weights = Weights::from_flat(&search.net.layout.weights, &flat);
        let (loss, _) = search.loss_with(&weights, &search.statistics, pass, training, true);
        search.architecture.gradient(&loss)
    };
    (at(1.0) - at(-1.0)) / (2.0 * step)
}
