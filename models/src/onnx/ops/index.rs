//! Picking elements by their indices, and putting them there.

use super::{
    Family,
    binary::computed,
    call::{Call, Outcome},
    fold,
    unary::same,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("Gather", gather),
    ("GatherElements", gather_elements),
    ("GatherND", gather_nd),
    ("Scatter", same),
    ("ScatterElements", same),
    ("ScatterND", same),
    ("OneHot", one_hot),
    ("NonZero", |call| data_dependent(call, 0)),
    ("Compress", |call| data_dependent(call, 1)),
];

/// Elements (or slices) at the given indices of `axis`.
fn gather(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.input(0)?, call.input(1)?);
    let axis = call.axis(call.int("axis", 0)?, data.dims.len())?;
    let dims = [&data.dims[..axis], &indices.dims, &data.dims[axis + 1..]].concat();
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

/// How much comes out depends on the elements of this input.
fn data_dependent(call: &Call, index: usize) -> Result<Outcome> {
    call.input(index)?;
    Err(Error::NotConstant { index })
}
