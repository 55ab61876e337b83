//! Constants and what is computed from shapes.

use std::rc::Rc;

use super::{
    Family,
    call::{Call, Fact, LONGEST_COMPUTED, Outcome},
    fold,
};
use crate::onnx::{
    attribute::Attribute,
    error::{Error, Result},
    tensor::{DataType, Tensor, dimensions, elements},
};

pub(super) const OPERATORS: Family = &[
    ("Constant", constant),
    ("ConstantOfShape", constant_of_shape),
    ("Shape", shape),
    ("Size", size),
    ("Range", range),
    ("Cast", cast),
    ("CastLike", cast_like),
];

/// No input; the value is an attribute.
fn constant(call: &Call) -> Result<Outcome> {
    let name = output_name(call);
    let fact = match call.node.attributes.iter().next() {
        Some((_, Attribute::Tensor(tensor))) => {
            Fact { weight: None, quantized: None, ..Fact::constant(tensor) }.or_weight(name, tensor.data_type)
        }
        Some((_, Attribute::Int(value))) => Fact::ints(vec![], vec![*value]),
        Some((_, Attribute::Ints(values))) => Fact::ints(vec![values.len()], values.clone()),
        Some((_, Attribute::Float(value))) => Fact::floats(vec![], vec![*value]),
        Some((_, Attribute::Floats(values))) => {
            Fact::floats(vec![values.len()], values.clone()).or_weight(name, DataType::F32)
        }
        _ => {
            return Err(Error::Attribute {
                name: "value".into(),
                problem: "it is missing or of another kind".into(),
            });
        }
    };
    Outcome::pass(fact)
}

/// A shape gives a tensor of that shape, filled with the attribute `value` (a float 0 by default).
fn constant_of_shape(call: &Call) -> Result<Outcome> {
    let name = output_name(call);
    let dims = dimensions(name, call.constant(0)?)?;
    let value = match call.node.attributes.get("value") {
        Some(Attribute::Tensor(tensor)) => Some(tensor),
        _ => None,
    };
    Outcome::pass(
        filled(dims, value.map(AsRef::as_ref)).or_weight(name, value.map_or(DataType::F32, |t| t.data_type)),
    )
}

fn filled(dims: Vec<usize>, value: Option<&Tensor>) -> Fact {
    let scalar = value.map_or_else(|| Fact::floats(vec![], vec![0.0]), Fact::constant);
    fold::arranged(&scalar, dims, |_| 0)
}

/// The shape of the input, from `start` to `end`.
fn shape(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?;
    let rank = dims.len() as i64;
    let bound = |value: i64| if value < 0 { value.saturating_add(rank) } else { value }.clamp(0, rank) as usize;
    let (start, end) = (bound(call.int("start", 0)?), bound(call.int("end", rank)?));
    let sizes: Vec<i64> = dims.get(start..end).unwrap_or_default().iter().map(|&d| d as i64).collect();
    Outcome::pass(Fact::ints(vec![sizes.len()], sizes))
}

/// The number of elements of the input.
fn size(call: &Call) -> Result<Outcome> {
    let count = elements(call.dims(0)?)?;
    Outcome::pass(Fact::ints(vec![], vec![count as i64]))
}

/// From a start up to a limit that is left out, by steps.
fn range(call: &Call) -> Result<Outcome> {
    if call.input(0)?.floats.is_some() {
        return float_range(call);
    }
    let [start, limit, step] = [call.scalar(0)?, call.scalar(1)?, call.scalar(2)?].map(i128::from);
    if step == 0 {
        return Err(call.mismatch("a step that is not 0"));
    }
    let count = ((limit - start + step - step.signum()) / step).max(0);
    let count = usize::try_from(count).map_err(|_| Error::Overflow { what: "elements" })?;
    if count > LONGEST_COMPUTED {
        return Outcome::pass(Fact::new(vec![count]));
    }
    let values = (0..count as i128).map(|i| (start + i * step) as i64);
    Outcome::pass(Fact::ints(vec![count], values.collect()))
}

fn float_range(call: &Call) -> Result<Outcome> {
    let scalar = |index| match call.input(index)?.floats.as_deref() {
        Some(&[value]) => Ok(value),
        _ => Err(Error::NotConstant { index }),
    };
    let count = ((scalar(1)? - scalar(0)?) / scalar(2)?).ceil();
    if count.is_finite() {
        // Negative counts become 0, and too large ones are found to be.
        Outcome::pass(Fact::new(vec![count as usize]))
    } else {
        Err(call.mismatch("a step that is not 0"))
    }
}

/// Small constants keep their values, rounded towards 0 where they become integers; the rare cast of them to another integer type
/// that cuts them off is not modelled.
fn cast(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let to = DataType::new(i32::try_from(call.int("to", 0)?).unwrap_or(0));
    let (ints, floats) = match to {
        DataType::I32 | DataType::I64 => (integers(input), None),
        DataType::Bool => (fold::ints(&[input], &input.dims, |v| Some((v[0] != 0).into())), None),
        DataType::F32 | DataType::F64 => (None, reals(input)),
        _ => (None, None),
    };
    Outcome::pass(Fact { ints, floats, ..input.clone() })
}

/// To the type of the second input, which is not tracked.
fn cast_like(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let (integer, real) = (call.input(1)?.ints.is_some(), call.input(1)?.floats.is_some());
    let ints = integer.then(|| integers(input)).flatten();
    Outcome::pass(Fact { ints, floats: real.then(|| reals(input)).flatten(), ..input.clone() })
}

fn integers(input: &Fact) -> Option<Rc<[i64]>> {
    let whole = |value: &f32| value.is_finite().then_some(*value as i64);
    input.ints.clone().or_else(|| input.floats.as_deref()?.iter().map(whole).collect())
}

fn reals(input: &Fact) -> Option<Rc<[f32]>> {
    let few = |values: &&[i64]| values.len() <= LONGEST_COMPUTED;
    let rounded = || Some(input.ints.as_deref().filter(few)?.iter().map(|&value| value as f32).collect());
    input.floats.clone().or_else(rounded)
}

fn output_name<'a>(call: &Call<'a>) -> &'a str {
    call.node.outputs.first().map_or("", String::as_str)
}
