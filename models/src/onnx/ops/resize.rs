//! Resampling of maps.

use super::{
    Family,
    call::{Call, Outcome},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family =
    &[("Resize", resize), ("Upsample", resize), ("GridSample", grid_sample), ("AffineGrid", affine_grid)];

/// By `sizes`, or by `scales`; of all axes, or of `axes` since operator set 18.
///
/// Scales are an attribute up to operator set 8, the second input up to 10, the third one (after regions of interest) since.
fn resize(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    let axes = call.ints("axes")?.unwrap_or_else(|| (0..dims.len() as i64).collect());
    let axes: Vec<usize> = axes.iter().map(|&axis| call.axis(axis, dims.len())).collect::<Result<_>>()?;
    let from: Vec<usize> = axes.iter().map(|&axis| dims[axis]).collect();
    let to = if call.optional(3).is_some() { call.sizes(3)? } else { scaled(call, &from)? };
    if to.len() != axes.len() || call.text("keep_aspect_ratio_policy", "stretch")? != "stretch" {
        return Err(call.mismatch(format!("a size or scale for each of the axes {axes:?}, all stretched")));
    }
    for (axis, size) in axes.into_iter().zip(to) {
        dims[axis] = size;
    }
    // The scales are a setting, not a parameter.
    Ok(Outcome { passes_weights: true, ..Outcome::shape(dims)? })
}

/// Sizes times scales, rounded down, computed in 32-bit floats as runtimes do.
fn scaled(call: &Call, from: &[usize]) -> Result<Vec<usize>> {
    let index = if call.node.op_type == "Upsample" || call.opset < 11 { 1 } else { 2 };
    let scales = match call.floats("scales")? {
        Some(scales) => scales,
        None => call.input(index)?.floats.clone().ok_or(Error::NotConstant { index })?,
    };
    if scales.len() != from.len() || scales.iter().any(|scale| !scale.is_finite() || *scale <= 0.0) {
        return Err(call.mismatch(format!("a positive scale for each axis, not {scales:?}")));
    }
    Ok(from.iter().zip(scales).map(|(&size, scale)| (size as f32 * scale).floor() as usize).collect())
}

/// `[N, C, spatial...]` read at the positions `[N, out..., rank]` gives `[N, C, out...]`.
fn grid_sample(call: &Call) -> Result<Outcome> {
    match (call.dims(0)?, call.dims(1)?) {
        ([n, c, spatial @ ..], [batch, out @ .., rank]) if n == batch && *rank == spatial.len() => {
            Outcome::shape([&[*n, *c], out].concat())
        }
        _ => Err(call.mismatch("[N, C, spatial...] and positions [N, out..., rank]")),
    }
}

/// Positions `[N, out..., rank]` for an output of shape `[N, C, out...]`.
fn affine_grid(call: &Call) -> Result<Outcome> {
    match call.sizes(1)?.as_slice() {
        [n, _, out @ ..] => Outcome::shape([&[*n], out, &[out.len()]].concat()),
        _ => Err(call.mismatch("a shape [N, C, out...]")),
    }
}
