//! Finding where a value stopped being finite.

use tch::Tensor;

use super::{Mode, Net, Statistics, Values, Weights};

/// The path of the first node whose value is NaN or infinite in this pass, with what its layer is.
#[must_use]
pub fn first_not_finite(
    net: &Net,
    weights: &Weights,
    statistics: &Statistics,
    images: &Tensor,
    mode: Mode<'_>,
) -> Option<String> {
    let _guard = tch::no_grad_guard();
    if !is_finite(images) {
        return Some("input".into());
    }
    let mut values = Values::new(net.uses(mode, &[net.network.logits()]), images, net.shortcuts);
    for (id, node) in net.network.nodes.iter().enumerate().skip(1) {
        if values.is_used(id) {
            let value = net.evaluate(id, weights, statistics, mode, &mut values);
            if !is_finite(&value) {
                return Some(format!("{} ({})", node.path, node.layer.kind()));
            }
            values.set(id, value);
        }
    }
    None
}

/// Whether every element is finite.
#[must_use]
pub fn is_finite(tensor: &Tensor) -> bool {
    tensor.isfinite().all().int64_value(&[]) != 0
}
