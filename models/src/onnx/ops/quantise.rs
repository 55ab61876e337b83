//! Quantisation. Weights that are stored as small integers are parameters of the node that computes with them.

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("QuantizeLinear", quantise),
    ("DequantizeLinear", dequantise),
    ("DynamicQuantizeLinear", dynamic),
    ("com.microsoft:QuantizeLinear", quantise),
    ("com.microsoft:DequantizeLinear", dequantise),
];

/// The same shape; a weight stays one.
fn quantise(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let weight = input.weight.clone();
    Outcome::pass(Fact { quantised: weight.clone(), weight, ..Fact::new(input.dims.clone()) })
}

/// The same shape; a constant becomes a weight.
fn dequantise(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let weight = input.quantised.clone().or_else(|| input.weight.clone());
    Outcome::pass(Fact { weight, ..Fact::new(input.dims.clone()) })
}

/// The quantised input, its scale and its zero point.
fn dynamic(call: &Call) -> Result<Outcome> {
    let mut outcome = Outcome::shape(call.dims(0)?.to_vec())?;
    outcome.outputs.extend([Fact::new(vec![]), Fact::new(vec![])]);
    Ok(outcome)
}
