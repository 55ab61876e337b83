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
    ("ReduceL2", reduce),
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
