//! What a choice point does with its candidates.

use models::layer::Mix;
use tch::Tensor;

/// One candidate operation of a choice point.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The choice point's place in the tables of architecture parameters.
    pub mix: &'a Mix,
    /// The operation's name.
    pub op: &'a str,
    /// Whether this is a training pass.
    pub train: bool,
}

/// How choice points weigh and change their candidates during one pass.
pub trait Mixing {
    /// The weight of candidate `k`, a scalar tensor.
    fn weight(&self, mix: &Mix, k: usize) -> Tensor;

    /// Whether candidate `k` is evaluated at all.
    fn is_active(&self, _mix: &Mix, _k: usize) -> bool {
        true
    }

    /// Whether the weights of inactive candidates are added to the sum.
    fn is_carried(&self, _mix: &Mix) -> bool {
        false
    }

    /// What becomes of a candidate's output before it is weighed.
    fn perturb(&self, _candidate: Candidate<'_>, output: Tensor) -> Tensor {
        output
    }
}

/// The weighted sum of a choice point's active candidates, none where there are none; `read` gives the output of
/// candidate `k`.
pub(super) fn mixed(
    mixing: &dyn Mixing,
    mix: &Mix,
    ops: &[String],
    train: bool,
    mut read: impl FnMut(usize) -> Tensor,
) -> Option<Tensor> {
    let mut total = carried(mixing, mix, ops.len());
    for (k, op) in ops.iter().enumerate().filter(|&(k, _)| mixing.is_active(mix, k)) {
        let output = mixing.perturb(Candidate { mix, op, train }, read(k));
        let weight = mixing.weight(mix, k);
        total = Some(match total {
            None => output * weight,
            Some(total) => total.addcmul(&output, &weight),
        });
    }
    total
}

/// The sum of the inactive candidates' weights, where the choice point carries them.
fn carried(mixing: &dyn Mixing, mix: &Mix, count: usize) -> Option<Tensor> {
    if !mixing.is_carried(mix) {
        return None;
    }
    (0..count)
        .filter(|&k| !mixing.is_active(mix, k))
        .map(|k| mixing.weight(mix, k))
        .reduce(|sum, weight| sum + weight)
}
