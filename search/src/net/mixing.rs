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

    /// What becomes of a candidate's output before it is weighed.
    fn perturb(&self, _candidate: Candidate<'_>, output: Tensor) -> Tensor {
        output
    }
}

/// The weighted sum of a choice point's active candidates; `read` gives the output of candidate `k`.
pub(super) fn mixed(
    mixing: &dyn Mixing,
    mix: &Mix,
    ops: &[String],
    train: bool,
    mut read: impl FnMut(usize) -> Tensor,
) -> Tensor {
    let mut total: Option<Tensor> = None;
    for (k, op) in ops.iter().enumerate().filter(|&(k, _)| mixing.is_active(mix, k)) {
        let output = mixing.perturb(Candidate { mix, op, train }, read(k));
        let weight = mixing.weight(mix, k);
        total = Some(match total {
            None => output * weight,
            Some(total) => total.addcmul(&output, &weight),
        });
    }
    total.expect("a choice point has an active candidate")
}
