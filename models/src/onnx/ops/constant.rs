//! Constants and what is computed from shapes.

use super::{
    Family,
    call::{Call, Fact, Outcome},
};
use crate::onnx::{
    attribute::Attribute,
    error::{Error, Result},
    tensor::{DataType, Tensor, dimensions},
};

pub(super) const OPERATORS: Family =
    &[("Constant", constant), ("ConstantOfShape", constant_of_shape), ("Shape", shape), ("Cast", cast)];

/// No input; the value is an attribute.
fn constant(call: &Call) -> Result<Outcome> {
    let name = output_name(call);
    let fact = match call.node.attributes.iter().next() {
        Some((_, Attribute::Tensor(tensor))) => {
            Fact { weight: None, ..Fact::constant(tensor) }.or_weight(name, tensor.data_type)
        }
        Some((_, Attribute::Int(value))) => Fact::ints(vec![], vec![*value]),
        Some((_, Attribute::Ints(values))) => Fact::ints(vec![values.len()], values.clone()),
        Some((_, Attribute::Float(_))) => Fact::new(vec![]),
        Some((_, Attribute::Floats(values))) => Fact::new(vec![values.len()]).or_weight(name, DataType::F32),
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
    let value = value.map(Fact::constant).and_then(|fact| fact.ints?.first().copied());
    match value {
        Some(value) if dims.len() == 1 && dims[0] <= 64 => Fact::ints(dims.clone(), vec![value; dims[0]]),
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

/// Small integers keep their values; the rare cast of them to another integer type that cuts them off is not modelled.
fn cast(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let to = DataType::new(i32::try_from(call.int("to", 0)?).unwrap_or(0));
    let ints = input.ints.clone().filter(|_| matches!(to, DataType::I32 | DataType::I64));
    Outcome::pass(Fact { ints, ..input.clone() })
}

fn output_name<'a>(call: &Call<'a>) -> &'a str {
    call.node.outputs.first().map_or("", String::as_str)
}
