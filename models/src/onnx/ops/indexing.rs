//! Gathering and scattering by indices that are known only when the model runs.

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("GatherElements", gather_elements),
    ("GatherND", gather_nd),
    ("Scatter", same),
    ("ScatterElements", same),
    ("ScatterND", same),
    ("OneHot", one_hot),
    ("NonZero", non_zero),
];

/// One element per index.
fn gather_elements(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.dims(0)?, call.dims(1)?);
    call.axis(call.int("axis", 0)?, data.len())?;
    if data.len() != indices.len() {
        return Err(call.mismatch("data and indices of one rank"));
    }
    Outcome::shape(indices.to_vec())
}

/// The last axis of the indices holds positions along the axes of the data that follow the batch.
fn gather_nd(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.dims(0)?, call.dims(1)?);
    let batch = usize::try_from(call.int("batch_dims", 0)?).unwrap_or(usize::MAX);
    let rest = indices.split_last().and_then(|(&taken, kept)| {
        let shared = kept.get(..batch)? == data.get(..batch)?;
        data.get(batch.checked_add(taken)?..).filter(|_| shared).map(|rest| [kept, rest].concat())
    });
    Outcome::shape(rest.ok_or_else(|| call.mismatch("indices of at most as many axes as the data has"))?)
}

/// A new axis of size `depth`, the last one by default.
fn one_hot(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", -1)?, dims.len() + 1)?;
    let depth = call.sizes(1)?;
    dims.insert(axis, *depth.first().ok_or_else(|| call.mismatch("a depth"))?);
    Outcome::shape(dims)
}

/// The positions of all elements that are not 0, `[rank, count]`: only for constants is it known how many there are.
fn non_zero(call: &Call) -> Result<Outcome> {
    let values = call.constant(0)?;
    let positions: Vec<i64> = (0_i64..).zip(values).filter(|(_, value)| **value != 0).map(|(i, _)| i).collect();
    match call.dims(0)?.len() {
        1 => Outcome::pass(Fact::ints(vec![1, positions.len()], positions)),
        rank => Outcome::shape(vec![rank, positions.len()]),
    }
}
