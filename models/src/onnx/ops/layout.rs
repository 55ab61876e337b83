//! Joining, splitting, padding and permuting.

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("Concat", |call| concat(call, &(0..call.inputs.len()).collect::<Vec<_>>())),
    ("Split", split),
    ("Pad", pad),
    ("Transpose", transpose),
    ("Tile", tile),
    ("DepthToSpace", depth_to_space),
    ("SpaceToDepth", space_to_depth),
];

/// Shapes that agree except along `axis`, where they add up; `indices` are the inputs to join.
pub(super) fn concat(call: &Call, indices: &[usize]) -> Result<Outcome> {
    let mut dims = call.dims(*indices.first().ok_or(Error::NoInput { index: 0 })?)?.to_vec();
    let axis = call.axis(call.int("axis", 1)?, dims.len())?;
    for &index in &indices[1..] {
        let other = call.dims(index)?;
        let agree = other.len() == dims.len() && (0..dims.len()).all(|i| i == axis || dims[i] == other[i]);
        let sum = dims[axis].checked_add(*other.get(axis).unwrap_or(&0)).filter(|_| agree);
        dims[axis] = sum.ok_or_else(|| call.mismatch(format!("shapes that agree except along axis {axis}")))?;
    }
    let facts: Vec<&Fact> = indices.iter().filter_map(|&index| call.optional(index)).collect();
    let ints: Option<Vec<&[i64]>> = facts.iter().map(|fact| fact.ints.as_deref()).collect();
    let floats: Option<Vec<&[f32]>> = facts.iter().map(|fact| fact.floats.as_deref()).collect();
    let unweighted = facts.iter().all(|fact| fact.weight.is_none());
    match (ints, floats) {
        (Some(parts), _) if dims.len() == 1 => Outcome::pass(Fact::ints(dims, parts.concat())),
        (_, Some(parts)) if dims.len() == 1 && unweighted => Outcome::pass(Fact::floats(dims, parts.concat())),
        _ => Outcome::shape(dims),
    }
}

/// Parts along `axis`, by explicit sizes or equal ones.
fn split(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let dims = &input.dims;
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
    let mut start = 0;
    let part = |size: usize| {
        let mut shape = dims.clone();
        shape[axis] = size;
        let indices = start..start + size;
        start += size;
        Fact { weight: None, ..input.take(shape, axis, indices) }
    };
    Ok(Outcome { outputs: sizes.into_iter().map(part).collect(), macs: 0, passes_weights: false })
}

/// Equal parts, the last one smaller where they do not come out even.
fn equal_parts(size: usize, parts: usize) -> Vec<usize> {
    let part = size.div_ceil(parts.max(1));
    (0..parts).map(|i| part.min(size.saturating_sub(i.saturating_mul(part)))).collect()
}

/// `pads = [before..., after...]`, negative ones crop; of all axes, or of those of an input since operator set 18.
fn pad(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let name = if call.opset < 2 { "paddings" } else { "pads" };
    let pads = call.ints_or_input(name, 1)?.ok_or(Error::NoInput { index: 1 })?;
    let axes = match call.optional(3) {
        Some(_) => call.constant(3)?.to_vec(),
        None => (0..dims.len() as i64).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(call.mismatch(format!("{} pads, one before and one after each axis", 2 * axes.len())));
    }
    for (i, &axis) in axes.iter().enumerate() {
        let axis = call.axis(axis, dims.len())?;
        let size = (dims[axis] as i64).checked_add(pads[i]).and_then(|s| s.checked_add(pads[i + axes.len()]));
        let size = size.and_then(|s| usize::try_from(s).ok()).filter(|&s| s > 0);
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
    let dims: Vec<usize> = axes.iter().map(|&axis| input.dims[axis]).collect();
    let known =
        if input.is_constant() { input.pick(dims.clone(), &transposed(&input.dims, &axes)) } else { None };
    let known = known.unwrap_or_default();
    Outcome::pass(Fact { dims, ints: known.ints, floats: known.floats, ..input.clone() })
}

/// Where the elements of a transposed tensor, in order, were before.
fn transposed(dims: &[usize], axes: &[usize]) -> Vec<usize> {
    if dims.contains(&0) {
        return vec![];
    }
    axes.iter().fold(vec![0], |positions, &axis| {
        let stride: usize = dims[axis + 1..].iter().product();
        positions.iter().flat_map(|start| (0..dims[axis]).map(move |i| start + i * stride)).collect()
    })
}

/// Repeated along every axis.
fn tile(call: &Call) -> Result<Outcome> {
    let (dims, repeats) = (call.dims(0)?, call.sizes(1)?);
    if dims.len() != repeats.len() {
        return Err(call.mismatch("as many repeats as axes"));
    }
    let sizes = dims.iter().zip(repeats).map(|(&size, times)| size.checked_mul(times));
    Outcome::shape(sizes.collect::<Option<_>>().ok_or(Error::Overflow { what: "elements" })?)
}

/// `[N, C, H, W]` gives `[N, C / block², H · block, W · block]`.
fn depth_to_space(call: &Call) -> Result<Outcome> {
    let block = call.positive("blocksize")?;
    let times = |size: usize| size.checked_mul(block);
    match *call.dims(0)? {
        [n, c, h, w] if times(block).is_some_and(|square| c.is_multiple_of(square)) => {
            let (h, w) = times(h).zip(times(w)).ok_or(Error::Overflow { what: "elements" })?;
            Outcome::shape(vec![n, c / (block * block), h, w])
        }
        _ => Err(call.mismatch(format!("[N, C, H, W] with channels in blocks of {block} by {block}"))),
    }
}

/// `[N, C, H, W]` gives `[N, C · block², H / block, W / block]`.
fn space_to_depth(call: &Call) -> Result<Outcome> {
    let block = call.positive("blocksize")?;
    match *call.dims(0)? {
        [n, c, h, w] if h.is_multiple_of(block) && w.is_multiple_of(block) => {
            let channels = block.checked_mul(block).and_then(|square| square.checked_mul(c));
            let channels = channels.ok_or(Error::Overflow { what: "elements" })?;
            Outcome::shape(vec![n, channels, h / block, w / block])
        }
        _ => Err(call.mismatch(format!("[N, C, H, W] in blocks of {block} by {block}"))),
    }
}
