//! Optimisers as plain tensor updates on flat vectors.
//!
//! tch's own optimisers cannot be saved. These do what `torch.optim` does in the same order of operations and
//! equal it bit for bit on the CPU (golden values in `tests/golden/optimizers.json`).
//!
//! `p + s·q` is written as `addcmul`, because tch drops the `alpha` argument of `add`; both are one fused
//! multiply-add per element in libtorch, so the bits are the same.

mod adam;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamConfig};
pub use schedule::cosine;
pub use sgd::{Sgd, SgdConfig};

use tch::Tensor;

/// A number as a tensor beside `like`.
fn scalar(value: f64, like: &Tensor) -> Tensor {
    Tensor::from(value).to_kind(like.kind()).to_device(like.device())
}

/// `target += factor · addend`, fused.
fn add_scaled(target: &mut Tensor, factor: f64, addend: &Tensor) {
    let factor = scalar(factor, target);
    let _ = target.addcmul_(addend, &factor);
}

/// Scales `gradient` down to Euclidean norm `limit` where it is larger, as `clip_grad_norm_` does. Nothing is read from
/// the device.
pub fn clip_norm(gradient: &mut Tensor, limit: f64) {
    let factor = (gradient.norm() + 1e-6).reciprocal() * limit;
    let _ = gradient.g_mul_(&factor.clamp_max(1.0));
}
