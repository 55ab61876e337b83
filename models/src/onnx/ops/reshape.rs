//! The same elements in another shape. Weights and shape constants are handed on.

use super::{
    Family,
    binary::broadcast,
    call::{Call, Outcome},
    fact::{Fact, LONGEST},
};
use crate::onnx::{
    error::{Error, Result},
    tensor::elements,
};

pub(super) const OPERATORS: Family = &[
    ("Reshape", reshape),
    ("Flatten", flatten),
    ("Squeeze", squeeze),
    ("Unsqueeze", unsqueeze),
    ("Expand", expand),
];

/// To the given sizes: 0 keeps the input's (unless `allowzero`), -1 takes what is left.
fn reshape(call: &Call) -> Result<Outcome> {
    let from = call.dims(0)?;
    let target = call.ints_or_input("shape", 1)?.ok_or(Error::NoInput { index: 1 })?;
    let keep_zero = call.int("allowzero", 0)? == 0;
    let known = |(axis, &size): (usize, &i64)| match size {
        -1 => Ok(1),
        0 if keep_zero => from.get(axis).copied().ok_or_else(|| call.mismatch("an axis to keep")),
        _ => usize::try_from(size).map_err(|_| call.mismatch(format!("a shape, not {target:?}"))),
    };
    let mut dims: Vec<usize> = target.iter().enumerate().map(known).collect::<Result<_>>()?;
    let (have, fixed) = (elements(from)?, elements(&dims)?);
    let mut open = target.iter().enumerate().filter(|(_, size)| **size == -1).map(|(axis, _)| axis);
    if let Some(axis) = open.next().filter(|_| fixed > 0) {
        dims[axis] = have / fixed;
    }
    if open.next().is_some() || elements(&dims)? != have {
        return Err(call.mismatch(format!("{have} elements for the shape {target:?}")));
    }
    moved(call, dims)
}

/// To a matrix, the axes before `axis` becoming rows.
fn flatten(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let axis = call.int("axis", 1)?;
    let axis = if axis == dims.len() as i64 { dims.len() } else { call.axis(axis, dims.len())? };
    let (rows, columns) = dims.split_at(axis);
    moved(call, vec![elements(rows)?, elements(columns)?])
}

/// Without these axes of size 1, or without all of them.
fn squeeze(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let gone: Vec<usize> = match call.ints_or_input("axes", 1)? {
        Some(axes) => axes.iter().map(|&axis| call.axis(axis, dims.len())).collect::<Result<_>>()?,
        None => (0..dims.len()).filter(|&i| dims[i] == 1).collect(),
    };
    if gone.iter().any(|&axis| dims[axis] != 1) {
        return Err(call.mismatch(format!("size 1 along axes {gone:?}")));
    }
    moved(call, dims.iter().enumerate().filter(|(i, _)| !gone.contains(i)).map(|(_, &d)| d).collect())
}

/// With new axes of size 1, counted in the result.
fn unsqueeze(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let axes = call.ints_or_input("axes", 1)?.ok_or(Error::NoInput { index: 1 })?;
    let rank = dims.len() + axes.len();
    let new: Vec<usize> = axes.iter().map(|&axis| call.axis(axis, rank)).collect::<Result<_>>()?;
    let mut old = dims.iter().copied();
    let out: Vec<usize> =
        (0..rank).filter_map(|i| if new.contains(&i) { Some(1) } else { old.next() }).collect();
    if out.len() != rank || old.next().is_some() {
        return Err(call.mismatch(format!("distinct axes, not {axes:?}")));
    }
    moved(call, out)
}

/// Broadcast to a shape.
fn expand(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let dims = broadcast(&input.dims, &call.sizes(1)?);
    let dims = dims.ok_or_else(|| call.mismatch("shapes that broadcast"))?;
    let size = elements(&dims)?;
    match input.ints.as_deref() {
        Some([value]) if size <= LONGEST => Outcome::pass(Fact::ints(dims, vec![*value; size])),
        _ => Outcome::shape(dims),
    }
}

/// The first input in a new shape.
fn moved(call: &Call, dims: Vec<usize>) -> Result<Outcome> {
    Outcome::pass(Fact { dims, ..call.input(0)?.clone() })
}
