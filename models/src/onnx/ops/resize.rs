//! Changing the size of maps, and sampling them.

use super::{
    Family,
    call::{Call, Fact, Outcome},
};
use crate::onnx::{
    attribute::Attribute,
    error::{Error, Result},
};

pub(super) const OPERATORS: Family =
    &[("Resize", resize), ("Upsample", upsample), ("GridSample", grid_sample), ("AffineGrid", affine_grid)];

/// By the factors of the third input (up to operator set 10 the second), or to the sizes of the fourth; of `axes`, by default all.
fn resize(call: &Call) -> Result<Outcome> {
    let rank = call.dims(0)?.len();
    let axes: Vec<usize> = match call.ints("axes")? {
        Some(axes) => axes.iter().map(|&axis| call.axis(axis, rank)).collect::<Result<_>>()?,
        None => (0..rank).collect(),
    };
    if call.text("keep_aspect_ratio_policy", "stretch")? != "stretch" {
        let problem = "only `stretch` is supported".into();
        return Err(Error::Attribute { name: "keep_aspect_ratio_policy".into(), problem });
    }
    if call.optional(3).is_some() {
        return sized(call, &axes, &call.sizes(3)?);
    }
    scaled(call, &axes, &scales(call, if call.opset < 11 { 1 } else { 2 })?)
}

/// By the factors of the second input, of an attribute before operator set 9, of two attributes in the first.
fn upsample(call: &Call) -> Result<Outcome> {
    let axes: Vec<usize> = (0..call.dims(0)?.len()).collect();
    let side = |name: &str| match call.node.attributes.get(name) {
        Some(Attribute::Float(scale)) => Some(*scale),
        _ => None,
    };
    let factors = match (call.floats("scales")?, side("height_scale"), side("width_scale")) {
        (Some(factors), ..) => factors,
        (None, Some(height), Some(width)) => vec![1.0, 1.0, height, width],
        _ => scales(call, 1)?,
    };
    scaled(call, &axes, &factors)
}

fn scales(call: &Call, index: usize) -> Result<Vec<f32>> {
    Ok(call.input(index)?.floats.as_deref().ok_or(Error::NotConstant { index })?.to_vec())
}

fn scaled(call: &Call, axes: &[usize], factors: &[f32]) -> Result<Outcome> {
    if factors.len() != axes.len() || factors.iter().any(|factor| !factor.is_finite() || *factor <= 0.0) {
        return Err(call.mismatch(format!("a positive factor per axis, not {factors:?}")));
    }
    let dims = call.dims(0)?;
    // The product is a 32-bit float, as runtimes compute it; too large a one becomes a size that is found to overflow.
    let sizes: Vec<usize> =
        axes.iter().zip(factors).map(|(&axis, factor)| (dims[axis] as f32 * factor).floor() as usize).collect();
    sized(call, axes, &sizes)
}

/// These axes in these sizes. The factors are settings, not parameters; a table of positions stays a weight.
fn sized(call: &Call, axes: &[usize], sizes: &[usize]) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    if sizes.len() != axes.len() {
        return Err(call.mismatch(format!("a size per axis, not {sizes:?}")));
    }
    for (&axis, &size) in axes.iter().zip(sizes) {
        dims[axis] = size;
    }
    Outcome::pass(Fact { dims, ints: None, floats: None, ..call.input(0)?.clone() })
}

/// `[N, C, spatial...]` at the places of `[N, out..., spatial rank]` gives `[N, C, out...]`.
fn grid_sample(call: &Call) -> Result<Outcome> {
    match (call.dims(0)?, call.dims(1)?) {
        ([batch, channels, spatial @ ..], [batch2, out @ .., rank])
            if batch == batch2 && *rank == spatial.len() && out.len() == spatial.len() =>
        {
            Outcome::shape([&[*batch, *channels], out].concat())
        }
        _ => Err(call.mismatch("[N, C, spatial...] and [N, out..., spatial rank]")),
    }
}

/// `[N, spatial rank, spatial rank + 1]` and the size `[N, C, out...]` give `[N, out..., spatial rank]`.
fn affine_grid(call: &Call) -> Result<Outcome> {
    match call.sizes(1)?.as_slice() {
        [batch, _, out @ ..] => Outcome::shape([&[*batch], out, &[out.len()]].concat()),
        _ => Err(call.mismatch("a size [N, C, out...]")),
    }
}
