//! Reductions over axes, and picking the largest.

use super::{
    Family,
    call::{Call, Fact, Outcome},
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("ReduceMean", plain),
    ("ReduceL1", plain),
    ("ReduceL2", plain),
    ("ReduceLogSum", plain),
    ("ReduceLogSumExp", plain),
    ("ReduceSumSquare", plain),
    ("ReduceSum", |call| folded(call, i64::checked_add)),
    ("ReduceProd", |call| folded(call, i64::checked_mul)),
    ("ReduceMax", |call| folded(call, |a, b| Some(a.max(b)))),
    ("ReduceMin", |call| folded(call, |a, b| Some(a.min(b)))),
    ("ArgMax", index_of),
    ("ArgMin", index_of),
    ("TopK", top),
];

/// Size 1 along `axes` (all by default), or without them if `keepdims` is 0.
fn plain(call: &Call) -> Result<Outcome> {
    let axes = call.ints_or_input("axes", 1)?.filter(|axes| !axes.is_empty());
    let everything = axes.is_none() && call.int("noop_with_empty_axes", 0)? == 0;
    let rank = call.dims(0)?.len();
    let axes = match axes {
        _ if everything => (0..rank).collect(),
        axes => {
            axes.unwrap_or_default().iter().map(|&axis| call.axis(axis, rank)).collect::<Result<Vec<_>>>()?
        }
    };
    reduced(call, &axes)
}

/// A constant of one axis is computed.
fn folded(call: &Call, apply: fn(i64, i64) -> Option<i64>) -> Result<Outcome> {
    let outcome = plain(call)?;
    let input = call.input(0)?;
    let dims = outcome.outputs[0].dims.clone();
    let values = input.ints.as_deref().filter(|_| input.dims.len() == 1 && matches!(dims[..], [] | [1]));
    let result = values.and_then(|values| values.split_first());
    match result.and_then(|(&first, rest)| rest.iter().try_fold(first, |a, &b| apply(a, b))) {
        Some(value) => Outcome::pass(Fact::ints(dims, vec![value])),
        None => Ok(outcome),
    }
}

/// Where the largest or smallest element along `axis` is.
fn index_of(call: &Call) -> Result<Outcome> {
    let axis = call.axis(call.int("axis", 0)?, call.dims(0)?.len())?;
    reduced(call, &[axis])
}

fn reduced(call: &Call, axes: &[usize]) -> Result<Outcome> {
    let keep = call.int("keepdims", 1)? != 0;
    let size = |(i, &d): (usize, &usize)| match axes.contains(&i) {
        true if keep => Some(1),
        true => None,
        false => Some(d),
    };
    Outcome::shape(call.dims(0)?.iter().enumerate().filter_map(size).collect())
}

/// The `k` largest elements along `axis`, and where they are.
fn top(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", -1)?, dims.len())?;
    let k = if call.optional(1).is_some() { call.scalar(1)? } else { call.int("k", -1)? };
    let k = usize::try_from(k).ok().filter(|&k| k <= dims[axis]);
    dims[axis] = k.ok_or_else(|| call.mismatch(format!("k of at most the size of axis {axis}")))?;
    Outcome::of(vec![Fact::new(dims); 2])
}
