//! Draws that methods mix by. All come from libtorch's generator, which the search seeds before every step.

use tch::{Kind, Tensor, no_grad};

use super::{View, Weighing};
use crate::architecture;
use crate::finder::one_hot;

/// The most draws until all are finite: each fails with a probability of about 1e-7, so this many never do.
const TRIES: usize = 100;

/// A sample of the concrete distribution `[ops]`: `softmax((logits + g) / τ)`, `g = −log e`, `e ~ Exp(1)`, drawn again while
/// it has values that are not finite. Differentiable in the logits. Source: Maddison et al. 2017; Jang et al. 2017.
pub(super) fn concrete(logits: &Tensor, temperature: f64) -> Tensor {
    let draw = || {
        let noise = no_grad(|| -logits.detach().empty_like().exponential_(1.0).log());
        ((logits + noise) / temperature).softmax(-1, None::<Kind>)
    };
    let finite = |sample: &Tensor| crate::net::is_finite(sample);
    (1..TRIES).map(|_| draw()).find(finite).unwrap_or_else(draw)
}

/// The place of the largest of these values `[ops]`.
pub(super) fn argmax(values: &Tensor) -> usize {
    values.argmax(-1, false).int64_value(&[]) as usize
}

/// An operation drawn with these probabilities `[ops]`.
pub(super) fn drawn(probabilities: &Tensor) -> usize {
    probabilities.detach().multinomial(1, false).int64_value(&[0]) as usize
}

/// 1 at this place of `[ops]`, 0 elsewhere.
pub(super) fn one_at(k: usize, like: &Tensor) -> Tensor {
    let hot = like.detach().zeros_like();
    let _ = hot.get(k as i64).fill_(1.0);
    hot
}

/// The weight that leaves a candidate as it is.
pub(super) fn plain(like: &Tensor) -> Tensor {
    Tensor::ones([], (like.kind(), like.device()))
}

/// The candidate of the largest value of each row, alone, unweighed: how sampled supernets are evaluated.
pub(super) fn strongest(view: &View<'_>, probabilities: impl Fn(&super::Place<'_>) -> Tensor) -> Vec<Weighing> {
    let one = |place: super::Place<'_>| {
        Weighing::one(argmax(&probabilities(&place)), place.ops.len(), &plain(place.alpha))
    };
    view.places().map(one).collect()
}

/// The path of one genotype of the space, drawn uniformly.
pub(super) fn uniform_path(view: &View<'_>) -> Vec<Weighing> {
    let draws = view.places().map(|place| Tensor::rand([place.ops.len() as i64], tch::kind::DOUBLE_CPU));
    let draws: Vec<Vec<f64>> = draws.map(|row| architecture::numbers(&row)).collect();
    let genotype = view.space.derive(view.tables, &by_table(view, draws));
    let rows = one_hot(view.tables, &genotype);
    let alphas = view.alphas.iter();
    rows.iter().flatten().zip(alphas).map(|(row, alpha)| Weighing::chosen(row, alpha)).collect()
}

/// Rows as `[table][row][op]`.
pub(super) fn by_table(view: &View<'_>, rows: Vec<Vec<f64>>) -> super::Numbers {
    let mut rows = rows.into_iter();
    view.tables.iter().map(|table| rows.by_ref().take(table.rows.len()).collect()).collect()
}
