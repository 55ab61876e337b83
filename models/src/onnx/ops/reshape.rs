//! The same elements in another shape. Weights and shape constants are handed on.

use super::{
    Family,
    binary::{broadcast, computed},
    call::{Call, Fact, Outcome},
    fold,
};
use crate::onnx::{
    error::{Error, Result},
    tensor::{RANK, elements},
};

pub(super) const OPERATORS: Family = &[
    ("Reshape", reshape),
    ("Flatten", flatten),
    ("Squeeze", squeeze),
    ("Unsqueeze", unsqueeze),
    ("Expand", expand),
    ("Tile", tile),
    ("DepthToSpace", depth_to_space),
    ("SpaceToDepth", space_to_depth),
    ("Col2Im", columns_to_image),
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
    if rank > RANK {
        return Err(call.mismatch(format!("at most {RANK} axes, not {rank}")));
    }
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
    let dims = broadcast(&input.dims, &call.sizes(1)?).ok_or_else(|| call.mismatch("shapes that broadcast"))?;
    let added = dims.len() - input.dims.len();
    repeated(input, dims, |index| &index[added..])
}

/// Repeated as often along each axis as the second input says.
fn tile(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let repeats = call.sizes(1)?;
    if repeats.len() != input.dims.len() {
        return Err(call.mismatch("a number of repeats per axis"));
    }
    let sizes = input.dims.iter().zip(&repeats).map(|(&size, &times)| size.checked_mul(times));
    let dims = sizes.collect::<Option<_>>().ok_or(Error::Overflow { what: "elements" })?;
    repeated(input, dims, |index| index)
}

/// A larger shape, whose elements are those of the input at the index that is left, taken by the input's sizes.
fn repeated(input: &Fact, dims: Vec<usize>, left: impl Fn(&[usize]) -> &[usize]) -> Result<Outcome> {
    elements(&dims)?;
    let strides = fold::strides(&input.dims);
    let place = |index: &[usize]| {
        let axes = left(index).iter().zip(&input.dims).zip(&strides);
        axes.map(|((at, size), stride)| at % size * stride).sum()
    };
    computed(&[input], fold::arranged(input, dims, place))
}

/// `[N, C · b², H, W]` gives `[N, C, H · b, W · b]`.
fn depth_to_space(call: &Call) -> Result<Outcome> {
    let (&[batch, channels, height, width], block) = blocks(call)? else { return Err(call.mismatch(NCHW)) };
    let [Some(area), Some(height), Some(width)] =
        [block, height, width].map(|size: usize| size.checked_mul(block))
    else {
        return Err(Error::Overflow { what: "elements" });
    };
    if !channels.is_multiple_of(area) {
        return Err(call.mismatch(format!("channels in groups of {area}")));
    }
    Outcome::shape(vec![batch, channels / area, height, width])
}

/// `[N, C, H · b, W · b]` gives `[N, C · b², H, W]`.
fn space_to_depth(call: &Call) -> Result<Outcome> {
    let (&[batch, channels, height, width], block) = blocks(call)? else { return Err(call.mismatch(NCHW)) };
    if !height.is_multiple_of(block) || !width.is_multiple_of(block) {
        return Err(call.mismatch(format!("height and width in steps of {block}")));
    }
    let deep = block.checked_mul(block).and_then(|area| area.checked_mul(channels));
    Outcome::shape(vec![
        batch,
        deep.ok_or(Error::Overflow { what: "channels" })?,
        height / block,
        width / block,
    ])
}

const NCHW: &str = "[N, C, H, W]";

fn blocks<'a>(call: &Call<'a>) -> Result<(&'a [usize], usize)> {
    let block = usize::try_from(call.int("blocksize", 0)?).ok().filter(|&block| block > 0);
    let problem = || Error::Attribute { name: "blocksize".into(), problem: "it must be positive".into() };
    Ok((call.dims(0)?, block.ok_or_else(problem)?))
}

/// `[N, C · block elements, L]`, the size of the image and that of a block give `[N, C, image...]`.
fn columns_to_image(call: &Call) -> Result<Outcome> {
    let block = elements(&call.sizes(2)?)?;
    match call.dims(0)? {
        &[batch, rows, _] if block > 0 && rows.is_multiple_of(block) => {
            Outcome::shape([vec![batch, rows / block], call.sizes(1)?].concat())
        }
        _ => Err(call.mismatch("[N, C · block elements, L]")),
    }
}

/// The first input in a new shape.
fn moved(call: &Call, dims: Vec<usize>) -> Result<Outcome> {
    Outcome::pass(Fact { dims, ..call.input(0)?.clone() })
}
