//! Draws that methods mix by. All come from libtorch's generator, which the search seeds before every step.

use models::genotype::Genotype;
use tch::{Kind, Tensor, no_grad};

use super::{View, Weighing, softmax};
use crate::architecture;
use crate::finder;

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

/// The candidate of the largest probability of each row, alone, unweighed: how sampled supernets are evaluated.
pub(super) fn strongest(view: &View<'_>) -> Vec<Weighing> {
    let one = |alpha: &Tensor| Weighing::one(argmax(&softmax(alpha)), alpha.numel(), &plain(alpha));
    view.alphas.iter().map(one).collect()
}

/// The path of one genotype of the space, drawn uniformly.
pub(super) fn uniform_path(view: &View<'_>) -> Vec<Weighing> {
    let count: usize = view.alphas.iter().map(Tensor::numel).sum();
    let mut draws = architecture::numbers(&Tensor::rand([count as i64], tch::kind::DOUBLE_CPU)).into_iter();
    let mut draw = || draws.next().unwrap_or_default();
    path(view, &finder::uniform(view.space, view.tables, &mut draw))
}

/// The candidates of a genotype, unweighed.
pub(super) fn path(view: &View<'_>, genotype: &Genotype) -> Vec<Weighing> {
    let rows = finder::one_hot(view.tables, genotype);
    rows.iter().flatten().zip(view.alphas).map(|(row, alpha)| Weighing::chosen(row, alpha)).collect()
}
