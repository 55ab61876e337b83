//! Joining, splitting, padding and permuting.

use super::{
    Family,
    binary::computed,
    call::{Call, Fact, LONGEST_COMPUTED, Outcome},
    fold,
    unary::same,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family =
    &[("Concat", concat), ("Split", split), ("Pad", pad), ("Transpose", transpose), ("ReverseSequence", same)];

/// Shapes that agree except along `axis`, where they add up.
pub(super) fn concat(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", 1)?, dims.len())?;
    for index in 1..call.inputs.len() {
        let other = call.dims(index)?;
        let agree = other.len() == dims.len() && (0..dims.len()).all(|i| i == axis || dims[i] == other[i]);
        let sum = dims[axis].checked_add(*other.get(axis).unwrap_or(&0)).filter(|_| agree);
        dims[axis] = sum.ok_or_else(|| call.mismatch(format!("shapes that agree except along axis {axis}")))?;
    }
    let inputs: Vec<&Fact> = call.inputs.iter().copied().flatten().collect();
    let short = dims.len() == 1 && dims[0] <= LONGEST_COMPUTED;
    let ints: Option<Vec<&[i64]>> = inputs.iter().map(|fact| fact.ints.as_deref().filter(|_| short)).collect();
    let floats: Option<Vec<&[f32]>> =
        inputs.iter().map(|fact| fact.floats.as_deref().filter(|_| short)).collect();
    let (ints, floats) = (ints.map(|v| v.concat().into()), floats.map(|v| v.concat().into()));
    computed(&inputs, Fact { ints, floats, ..Fact::new(dims) })
}

/// Parts along `axis`, by explicit sizes or equal ones.
fn split(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let dims = input.dims.as_slice();
    let axis = call.axis(call.int("axis", 0)?, dims.len())?;
    let parts = call.node.outputs.len();
    let sizes = match call.ints_or_input("split", 1)? {
        Some(sizes) => sizes.into_iter().map(|s| usize::try_from(s).unwrap_or(usize::MAX)).collect(),
        None => equal_parts(dims[axis], parts),
    };
    let total = sizes.iter().try_fold(0_usize, |sum, &s| sum.checked_add(s));
    if total != Some(dims[axis]) || sizes.len() != parts {
        return Err(call.mismatch(format!("{parts} parts that add up along axis {axis}")));
    }
    let strides = fold::strides(dims);
    let mut before = 0;
    let part = |size: usize| {
        let (start, mut dims) = (before * strides[axis], dims.to_vec());
        (dims[axis], before) = (size, before + size);
        fold::arranged(input, dims, |index| {
            start + index.iter().zip(&strides).map(|(at, stride)| at * stride).sum::<usize>()
        })
    };
    Outcome::of(sizes.into_iter().map(part).collect())
}

/// Equal parts, the last one smaller where they do not come out even.
fn equal_parts(size: usize, parts: usize) -> Vec<usize> {
    let part = size.div_ceil(parts.max(1));
    (0..parts).map(|i| part.min(size.saturating_sub(i.saturating_mul(part)))).collect()
}

/// `pads = [before..., after...]`, negative ones crop; of the axes in the fourth input if it is there, else of all.
fn pad(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let name = if call.opset < 2 { "paddings" } else { "pads" };
    let pads = call.ints_or_input(name, 1)?.ok_or(Error::NoInput { index: 1 })?;
    let axes: Vec<usize> = match call.optional(3) {
        Some(_) => call.constant(3)?.iter().map(|&axis| call.axis(axis, dims.len())).collect::<Result<_>>()?,
        None => (0..dims.len()).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(call.mismatch(format!("{} pads, one before and one after each axis", 2 * axes.len())));
    }
    let (before, after) = pads.split_at(axes.len());
    for ((&axis, &before), &after) in axes.iter().zip(before).zip(after) {
        let size = (dims[axis] as i64).checked_add(before).and_then(|size| size.checked_add(after));
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|&size| size > 0);
        dims[axis] = size.ok_or_else(|| call.mismatch("pads that leave something"))?;
    }
    Outcome::shape(dims)
}

/// `perm`, or the axes in reverse.
fn transpose(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let rank = input.dims.len();
    let perm = call.ints("perm")?.unwrap_or_else(|| (0..rank as i64).rev().collect());
    let axes: Vec<usize> = perm.iter().map(|&axis| call.axis(axis, rank)).collect::<Result<_>>()?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..rank) {
        return Err(call.mismatch(format!("a permutation of its axes, not {perm:?}")));
    }
    let dims = axes.iter().map(|&axis| input.dims[axis]).collect();
    let strides = fold::strides(&input.dims);
    let place = |index: &[usize]| axes.iter().zip(index).map(|(&axis, at)| at * strides[axis]).sum();
    let Fact { dims, ints, floats, .. } = fold::arranged(input, dims, place);
    Outcome::pass(Fact { dims, ints, floats, ..input.clone() })
}
