//! Operators of ONNX Runtime's own that its optimiser and its quantiser write, as far as no other family has them.
//!
//! Source: `docs/ContribOperators.md` of ONNX Runtime.

use super::{
    Family,
    binary::broadcast,
    call::{Call, Outcome},
    layout::concat,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("com.microsoft:Gelu", same),
    ("com.microsoft:FastGelu", same),
    ("com.microsoft:QuickGelu", same),
    ("com.microsoft:BiasGelu", same),
    ("com.microsoft:QLinearLeakyRelu", same),
    ("com.microsoft:QLinearSigmoid", same),
    ("com.microsoft:QLinearSoftmax", same),
    ("com.microsoft:QLinearAdd", quantised_pair),
    ("com.microsoft:QLinearMul", quantised_pair),
    ("com.microsoft:QLinearConcat", quantised_concat),
];

/// Inputs, each followed by its scale and zero point, then the output's.
fn quantised_pair(call: &Call) -> Result<Outcome> {
    let dims = broadcast(call.dims(0)?, call.dims(3)?);
    Outcome::shape(dims.ok_or_else(|| call.mismatch("shapes that broadcast"))?)
}

/// The output's scale and zero point, then the inputs, each followed by its own.
fn quantised_concat(call: &Call) -> Result<Outcome> {
    concat(call, &(2..call.inputs.len()).step_by(3).collect::<Vec<_>>())
}
