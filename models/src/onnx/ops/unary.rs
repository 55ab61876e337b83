//! Operators whose output has the shape of their first input.

use super::{
    Family,
    binary::computed,
    call::{Call, Fact, Outcome},
    fold,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Relu", same),
    ("LeakyRelu", same),
    ("PRelu", same),
    ("ThresholdedRelu", same),
    ("Elu", same),
    ("Celu", same),
    ("Selu", same),
    ("Sigmoid", same),
    ("Tanh", same),
    ("Softplus", same),
    ("Softsign", same),
    ("Softmax", same),
    ("LogSoftmax", same),
    ("Hardmax", same),
    ("HardSwish", same),
    ("HardSigmoid", same),
    ("Swish", same),
    ("Gelu", same),
    ("Mish", same),
    ("Shrink", same),
    ("Exp", same),
    ("Log", same),
    ("Erf", same),
    ("Sin", same),
    ("Cos", same),
    ("Tan", same),
    ("Asin", same),
    ("Acos", same),
    ("Atan", same),
    ("Sinh", same),
    ("Cosh", same),
    ("Asinh", same),
    ("Acosh", same),
    ("Atanh", same),
    ("IsNaN", same),
    ("IsInf", same),
    ("BitwiseNot", same),
    ("CumSum", same),
    ("Trilu", same),
    ("EyeLike", same),
    ("RandomNormalLike", same),
    ("RandomUniformLike", same),
    ("Bernoulli", same),
    ("com.microsoft:Gelu", same),
    ("com.microsoft:QuickGelu", same),
    ("com.microsoft:FastGelu", same),
    ("com.microsoft:BiasGelu", same),
    ("com.microsoft:BiasSoftmax", same),
    ("Neg", |call| folded(call, i64::checked_neg, |x| -x)),
    ("Abs", |call| folded(call, i64::checked_abs, f32::abs)),
    ("Sign", |call| folded(call, |x| Some(x.signum()), |x| if x == 0.0 { 0.0 } else { x.signum() })),
    ("Not", |call| folded(call, |x| Some((x == 0).into()), |x| x)),
    ("Floor", |call| folded(call, Some, f32::floor)),
    ("Ceil", |call| folded(call, Some, f32::ceil)),
    ("Round", |call| folded(call, Some, f32::round_ties_even)),
    ("Sqrt", |call| folded(call, |_| None, f32::sqrt)),
    ("Reciprocal", |call| folded(call, |_| None, f32::recip)),
    ("Dropout", dropout),
    ("Identity", identity),
];

pub(super) fn same(call: &Call) -> Result<Outcome> {
    Outcome::shape(call.dims(0)?.to_vec())
}

/// Constants are computed.
fn folded(call: &Call, ints: fn(i64) -> Option<i64>, floats: fn(f32) -> f32) -> Result<Outcome> {
    let input = call.input(0)?;
    let fact = Fact {
        ints: fold::ints(&[input], &input.dims, |v| ints(v[0])),
        floats: fold::floats(&[input], &input.dims, |v| Some(floats(v[0]))),
        ..Fact::new(input.dims.clone())
    };
    computed(&[input], fact)
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
