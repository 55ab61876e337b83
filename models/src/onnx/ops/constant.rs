//! Constants and what is computed from shapes.

use super::{
    Family,
    call::{Call, Outcome},
    fact::{Fact, LONGEST},
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
    ("Cast", cast),
    ("CastLike", |call| Outcome::pass(Fact::new(call.dims(0)?.to_vec()))),
    ("Range", range),
];

/// No input; the value is an attribute.
fn constant(call: &Call) -> Result<Outcome> {
    let name = output_name(call);
    let fact = match call.node.attributes.iter().next() {
        Some((_, Attribute::Tensor(tensor))) => {
            let unnamed = Fact { weight: None, quantised: None, ..Fact::constant(tensor) };
            unnamed.or_weight(name, tensor.data_type)
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
    // The product was checked with the shape.
    let count = dims.iter().product();
    let value = value.map(Fact::constant).and_then(|fact| fact.ints?.first().copied());
    match value {
        Some(value) if count <= LONGEST => Fact::ints(dims, vec![value; count]),
        _ => Fact::new(dims),
    }
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

/// The number of elements.
fn size(call: &Call) -> Result<Outcome> {
    Outcome::pass(Fact::ints(vec![], vec![elements(call.dims(0)?)? as i64]))
}

/// Known elements keep their values, floats cut off at the point and truth as 1 or 0; the rare cast to an integer type that
/// cannot hold them, or to floats that round them, is not modelled.
fn cast(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let to = DataType::new(i32::try_from(call.int("to", 0)?).unwrap_or(0));
    let mut fact = Fact { ints: None, floats: None, ..input.clone() };
    match to {
        DataType::I32 | DataType::I64 => fact.ints = whole(input),
        DataType::Bool => fact.ints = whole(input).map(|v| v.iter().map(|&x| i64::from(x != 0)).collect()),
        to if to.is_float() => {
            let converted = || input.ints.as_ref().map(|v| v.iter().map(|&x| x as f32).collect());
            fact.floats = input.floats.clone().or_else(converted);
        }
        _ => {}
    }
    Outcome::pass(fact)
}

fn whole(input: &Fact) -> Option<Vec<i64>> {
    let cut = || input.floats.as_ref().map(|values| values.iter().map(|&x| x as i64).collect());
    input.ints.clone().or_else(cut)
}

/// From `start` to before `limit` in steps of `delta`, all of them constants.
fn range(call: &Call) -> Result<Outcome> {
    let number = |index: usize| call.input(index).map(|fact| fact.ints.as_ref()?.first().copied());
    let [start, limit, delta] = [number(0)?, number(1)?, number(2)?];
    let unknown = [start, limit, delta].iter().position(Option::is_none);
    let (Some(start), Some(limit), Some(delta)) = (start, limit, delta) else {
        return range_of_floats(call, unknown.unwrap_or(0));
    };
    let span = i128::from(limit) - i128::from(start);
    let step = i128::from(delta);
    let count = match step {
        0 => return Err(call.mismatch("a step that is not 0")),
        1.. => (span + step - 1).div_euclid(step),
        _ => (-span - step - 1).div_euclid(-step),
    };
    let count = usize::try_from(count.max(0)).map_err(|_| Error::Overflow { what: "elements" })?;
    if count > LONGEST {
        return Outcome::shape(vec![count]);
    }
    let values = (0..count as i64).map(|i| start.wrapping_add(delta.wrapping_mul(i))).collect();
    Outcome::pass(Fact::ints(vec![count], values))
}

/// Only its length: coordinates are no shapes.
fn range_of_floats(call: &Call, unknown: usize) -> Result<Outcome> {
    let number = |index: usize| {
        let known = call.input(index)?.floats.as_ref().and_then(|values| values.first().copied());
        known.ok_or(Error::NotConstant { index: unknown })
    };
    let (start, limit, delta) = (number(0)?, number(1)?, number(2)?);
    let count = f64::from(limit - start) / f64::from(delta);
    Outcome::shape(vec![count.ceil().max(0.0) as usize])
}

fn output_name<'a>(call: &Call<'a>) -> &'a str {
    call.node.outputs.first().map_or("", String::as_str)
}
