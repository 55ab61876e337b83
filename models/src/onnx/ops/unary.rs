//! Operators whose output has the shape of their first input.

use super::{
    Family,
    call::{Call, Outcome},
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Relu", same),
    ("LeakyRelu", same),
    ("PRelu", same),
    ("Elu", same),
    ("Selu", same),
    ("Sigmoid", same),
    ("Tanh", same),
    ("Softplus", same),
    ("Softmax", same),
    ("LogSoftmax", same),
    ("HardSwish", same),
    ("HardSigmoid", same),
    ("Swish", same),
    ("Gelu", same),
    ("Mish", same),
    ("Clip", same),
    ("Exp", same),
    ("Log", same),
    ("Sqrt", same),
    ("Reciprocal", same),
    ("Abs", same),
    ("Neg", same),
    ("Floor", same),
    ("Ceil", same),
    ("Erf", same),
    ("LRN", same),
    ("InstanceNormalization", same),
    ("LayerNormalization", same),
    ("BatchNormalization", same),
    ("Dropout", dropout),
    ("Identity", identity),
];

fn same(call: &Call) -> Result<Outcome> {
    Outcome::shape(call.dims(0)?.to_vec())
}

/// The second output, the mask, has the same shape.
fn dropout(call: &Call) -> Result<Outcome> {
    let mut outcome = same(call)?;
    outcome.outputs.extend_from_within(..);
    Ok(outcome)
}

fn identity(call: &Call) -> Result<Outcome> {
    Outcome::pass(call.input(0)?.clone())
}
