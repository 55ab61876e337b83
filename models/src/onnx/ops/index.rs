//! Picking elements by their indices, and putting them there.

use super::{
    Family,
    binary::computed,
    call::{Call, Fact, Outcome},
    fold,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Gather", gather),
    ("GatherElements", gather_elements),
    ("GatherND", gather_nd),
    ("Scatter", same),
    ("ScatterElements", same),
    ("ScatterND", same),
    ("OneHot", one_hot),
    ("NonZero", non_zero),
    ("Compress", compress),
];

/// Elements (or slices) at the given indices of `axis`.
fn gather(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.input(0)?, call.input(1)?);
    let axis = call.axis(call.int("axis", 0)?, data.dims.len())?;
    let dims = [&data.dims[..axis], &indices.dims, &data.dims[axis + 1..]].concat();
    // A quantised table of embeddings is used here; the output is dequantised.
    if data.quantized.is_some() && data.ints.is_none() {
        return Ok(Outcome { quantized: &[0], ..Outcome::shape(dims)? });
    }
    let Some(picks) = indices.ints.as_deref() else { return Outcome::shape(dims) };
    let size = data.dims[axis];
    let picks: Vec<usize> = picks
        .iter()
        .map(|&pick| call.axis(pick, size).map_err(|_| call.mismatch(format!("indices below {size}"))))
        .collect::<Result<_>>()?;
    let (strides, inner) = (fold::strides(&data.dims), fold::strides(&indices.dims));
    let place = |index: &[usize]| {
        let (before, rest) = index.split_at(axis);
        let (at, after) = rest.split_at(indices.dims.len());
        let pick = picks[at.iter().zip(&inner).map(|(at, stride)| at * stride).sum::<usize>()];
        let axes = before.iter().chain([&pick]).chain(after);
        axes.zip(&strides).map(|(at, stride)| at * stride).sum()
    };
    computed(&[data], fold::arranged(data, dims, place))
}

/// One element per index.
fn gather_elements(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.dims(0)?, call.dims(1)?);
    call.axis(call.int("axis", 0)?, data.len())?;
    if data.len() != indices.len() {
        return Err(call.mismatch("indices of the same rank"));
    }
    Outcome::shape(indices.to_vec())
}

/// Elements or slices at the indices along the last axis of the second input, after `batch_dims` common axes.
fn gather_nd(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.dims(0)?, call.dims(1)?);
    let batch = usize::try_from(call.int("batch_dims", 0)?).ok();
    let dims = indices.split_last().zip(batch).and_then(|((&depth, outer), batch)| {
        let inner = data.get(batch.checked_add(depth)?..)?;
        (batch <= outer.len() && data[..batch] == outer[..batch]).then(|| [outer, inner].concat())
    });
    Outcome::shape(dims.ok_or_else(|| call.mismatch("data that has the axes that the indices pick from"))?)
}

/// A new axis with as many places as the second input says.
fn one_hot(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let depth = match call.input(1)?.floats.as_deref() {
        Some(&[depth]) => depth as i64,
        _ => call.scalar(1)?,
    };
    let depth = usize::try_from(depth).map_err(|_| call.mismatch("a depth that is not negative"))?;
    let axis = call.axis(call.int("axis", -1)?, dims.len() + 1)?;
    dims.insert(axis, depth);
    Outcome::shape(dims)
}

/// The indices of what is not zero, of a constant: how many there are depends on the elements.
fn non_zero(call: &Call) -> Result<Outcome> {
    let values = call.constant(0)?;
    let places: Vec<i64> =
        (0..).zip(values).filter(|(_, value)| **value != 0).map(|(place, _)| place).collect();
    match call.dims(0)?.len() {
        1 => Outcome::pass(Fact::ints(vec![1, places.len()], places)),
        rank => Outcome::shape(vec![rank, places.len()]),
    }
}

/// The elements (or, along `axis`, slices) for which a constant vector of truth values holds.
fn compress(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let count = call.constant(1)?.iter().filter(|&&value| value != 0).count();
    if !call.node.attributes.contains_key("axis") {
        return Outcome::shape(vec![count]);
    }
    let axis = call.axis(call.int("axis", 0)?, dims.len())?;
    dims[axis] = count;
    Outcome::shape(dims)
}
