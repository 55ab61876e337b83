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

    /// Whether [`Self::perturb`] changes this operation's output in a training pass.
    fn touches(&self, _op: &str) -> bool {
        false
    }

    /// What becomes of the output of a touched candidate in a training pass, before it is weighed.
    fn perturb(&self, _candidate: Candidate<'_>, output: Tensor) -> Tensor {
        output
    }
}

/// One weighted candidate on its way into the sum.
pub(super) enum Term {
    /// An output and its weight, a scalar.
    Plain(Tensor, Tensor),
    /// An output that has its weight in it already, and that nobody else reads.
    Weighed(Tensor),
}

/// The weighted sum of a choice point's active candidates, none where there are none; `term` gives candidate `k` with
/// this weight, nothing where it is zero whatever its weight. Where weights alone are left to add, their sum, a scalar.
pub(super) fn mixed(
    mixing: &dyn Mixing,
    mix: &Mix,
    count: usize,
    mut term: impl FnMut(usize, Tensor) -> Option<Term>,
) -> Option<Tensor> {
    let active = (0..count).filter(|&k| mixing.is_active(mix, k));
    let total =
        active.filter_map(|k| term(k, mixing.weight(mix, k))).fold(None, |total, term| Some(add(total, term)));
    match (total, carried(mixing, mix, count)) {
        (Some(mut total), Some(carried)) => Some(total.g_add_(&carried)),
        (total, carried) => total.or(carried),
    }
}

/// Adds in place: no backward pass needs the old sum.
fn add(total: Option<Tensor>, term: Term) -> Tensor {
    match (total, term) {
        (None, Term::Plain(output, weight)) => output * weight,
        (None, Term::Weighed(output)) => output,
        (Some(mut total), Term::Plain(output, weight)) => total.addcmul_(&output, &weight),
        (Some(mut total), Term::Weighed(output)) => total.g_add_(&output),
    }
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
