//! Joining, splitting, padding and permuting.

use super::{
    Family,
    call::{Call, Fact, LONGEST, Outcome},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family =
    &[("Concat", concat), ("Split", split), ("Pad", pad), ("Transpose", transpose)];

/// Shapes that agree except along `axis`, where they add up.
fn concat(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", 1)?, dims.len())?;
    for index in 1..call.inputs.len() {
        let other = call.dims(index)?;
        let agree = other.len() == dims.len() && (0..dims.len()).all(|i| i == axis || dims[i] == other[i]);
        let sum = dims[axis].checked_add(*other.get(axis).unwrap_or(&0)).filter(|_| agree);
        dims[axis] = sum.ok_or_else(|| call.mismatch(format!("shapes that agree except along axis {axis}")))?;
    }
    let ints: Option<Vec<&[i64]>> = call.inputs.iter().map(|fact| (*fact)?.ints.as_deref()).collect();
    match ints {
        Some(parts) if dims.len() == 1 && dims[0] <= LONGEST => Outcome::pass(Fact::ints(dims, parts.concat())),
        _ => Outcome::shape(dims),
    }
}

/// Parts along `axis`, by explicit sizes or equal ones.
fn split(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
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
    let part = |size: usize| {
        Fact::new(dims.iter().enumerate().map(|(i, &d)| if i == axis { size } else { d }).collect())
    };
    Ok(Outcome { outputs: sizes.into_iter().map(part).collect(), macs: 0, passes_weights: false })
}

/// Equal parts, the last one smaller where they do not come out even.
fn equal_parts(size: usize, parts: usize) -> Vec<usize> {
    let part = size.div_ceil(parts.max(1));
    (0..parts).map(|i| part.min(size.saturating_sub(i.saturating_mul(part)))).collect()
}

/// `pads = [before..., after...]`, negative ones crop.
fn pad(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let pads = call.ints_or_input("pads", 1)?.ok_or(Error::NoInput { index: 1 })?;
    let rank = dims.len();
    if pads.len() != 2 * rank || call.optional(3).is_some() {
        return Err(call.mismatch(format!("{} pads, one before and one after each axis", 2 * rank)));
    }
    let size = |axis: usize| (dims[axis] as i64).checked_add(pads[axis])?.checked_add(pads[axis + rank]);
    let sizes = (0..rank).map(|axis| size(axis).and_then(|s| usize::try_from(s).ok()).filter(|&s| s > 0));
    Outcome::shape(sizes.collect::<Option<_>>().ok_or_else(|| call.mismatch("pads that leave something"))?)
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
    Outcome::pass(Fact { dims, ints: None, weight: input.weight.clone() })
}
