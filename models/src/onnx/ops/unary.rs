//! Operators whose output has the shape of their first input.

use std::cmp::Ordering;

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Relu", same),
    ("LeakyRelu", same),
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
    ("Shrink", same),
    ("HardSwish", same),
    ("HardSigmoid", same),
    ("Swish", same),
    ("Gelu", same),
    ("Mish", same),
    ("Clip", clip),
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
    ("ReverseSequence", same),
    ("Neg", |call| mapped(call, i64::checked_neg, |x| -x)),
    ("Abs", |call| mapped(call, i64::checked_abs, f32::abs)),
    ("Sign", |call| mapped(call, |x| Some(x.signum()), |x| if x == 0.0 { 0.0 } else { x.signum() })),
    ("Floor", |call| mapped(call, Some, f32::floor)),
    ("Ceil", |call| mapped(call, Some, f32::ceil)),
    ("Round", |call| mapped(call, Some, f32::round_ties_even)),
    ("Sqrt", |call| mapped(call, |_| None, f32::sqrt)),
    ("Reciprocal", |call| mapped(call, |_| None, f32::recip)),
    ("Not", |call| mapped(call, |x| Some(i64::from(x == 0)), |x| x)),
    ("Dropout", |call| Ok(same(call)?.repeated(2))),
    ("Identity", identity),
];

/// The shape only.
pub(super) fn same(call: &Call) -> Result<Outcome> {
    Outcome::shape(call.dims(0)?.to_vec())
}

/// Element by element, where they are known.
fn mapped(call: &Call, ints: fn(i64) -> Option<i64>, floats: fn(f32) -> f32) -> Result<Outcome> {
    let input = call.input(0)?;
    let mut outcome = same(call)?;
    let known = Fact {
        ints: input.ints.as_ref().and_then(|values| values.iter().map(|&x| ints(x)).collect()),
        floats: input.floats.as_ref().map(|values| values.iter().map(|&x| floats(x)).collect()),
        ..Fact::new(input.dims.clone())
    };
    outcome.passes_weights = known.is_constant() && input.weight.is_none();
    outcome.outputs = vec![known];
    Ok(outcome)
}

/// Between limits, which paddings are clamped with; those of operator sets before 11, attributes, are for activations.
fn clip(call: &Call) -> Result<Outcome> {
    let mut outcome = same(call)?;
    let known = Fact {
        ints: clipped(call, |fact| fact.ints.as_deref()),
        floats: clipped(call, |fact| fact.floats.as_deref()),
        ..Fact::new(call.dims(0)?.to_vec())
    };
    outcome.passes_weights = known.is_constant() && call.input(0)?.weight.is_none();
    outcome.outputs = vec![known];
    Ok(outcome)
}

fn clipped<T: Copy + PartialOrd>(call: &Call, elements: impl Fn(&Fact) -> Option<&[T]>) -> Option<Vec<T>> {
    let mut values = elements(call.optional(0)?)?.to_vec();
    if call.opset < 11 {
        return None;
    }
    for (index, beyond) in [(1, Ordering::Less), (2, Ordering::Greater)] {
        let Some(fact) = call.optional(index) else { continue };
        let limit = *elements(fact)?.first()?;
        for value in &mut values {
            if (*value).partial_cmp(&limit) == Some(beyond) {
                *value = limit;
            }
        }
    }
    Some(values)
}

fn identity(call: &Call) -> Result<Outcome> {
    Outcome::pass(call.input(0)?.clone())
}
