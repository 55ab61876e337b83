//! Reductions over axes.

use super::{
    Family,
    call::{Call, Outcome},
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("ReduceMean", reduce),
    ("ReduceSum", reduce),
    ("ReduceMax", reduce),
    ("ReduceMin", reduce),
    ("ReduceProd", reduce),
    ("ReduceL1", reduce),
    ("ReduceL2", reduce),
    ("ReduceSumSquare", reduce),
    ("ReduceLogSum", reduce),
    ("ReduceLogSumExp", reduce),
    ("ArgMax", arg),
    ("ArgMin", arg),
    ("TopK", top_k),
];

/// Size 1 along `axes` (all by default), or without them if `keepdims` is 0.
fn reduce(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let axes = call.ints_or_input("axes", 1)?.filter(|axes| !axes.is_empty());
    let everything = axes.is_none() && call.int("noop_with_empty_axes", 0)? == 0;
    let axes =
        axes.unwrap_or_default().iter().map(|&axis| call.axis(axis, dims.len())).collect::<Result<Vec<_>>>()?;
    let keep = call.int("keepdims", 1)? != 0;
    let size = |(i, &d): (usize, &usize)| match everything || axes.contains(&i) {
        true if keep => Some(1),
        true => None,
        false => Some(d),
    };
    Outcome::shape(dims.iter().enumerate().filter_map(size).collect())
}

/// The position of the extreme along one axis.
fn arg(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", 0)?, dims.len())?;
    if call.int("keepdims", 1)? != 0 {
        dims[axis] = 1;
    } else {
        dims.remove(axis);
    }
    Outcome::shape(dims)
}

/// The k largest along one axis and their positions; k is an attribute up to operator set 9, an input since.
fn top_k(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", -1)?, dims.len())?;
    let k = match call.optional(1) {
        Some(_) => call.constant(1)?.first().copied().unwrap_or(0),
        None => call.int("k", 0)?,
    };
    let k = usize::try_from(k).ok().filter(|k| *k <= dims[axis]);
    dims[axis] = k.ok_or_else(|| call.mismatch(format!("at least k elements along axis {axis}")))?;
    Ok(Outcome::shape(dims)?.repeated(2))
}
