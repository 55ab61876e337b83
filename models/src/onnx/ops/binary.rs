//! Element-wise operators of several inputs with broadcasting, and the arithmetic that shapes are computed with.

use super::{
    Family,
    call::{Call, Outcome},
    fact::{Fact, LONGEST},
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Add", |call| arithmetic(call, i64::checked_add, |a, b| a + b)),
    ("Sub", |call| arithmetic(call, i64::checked_sub, |a, b| a - b)),
    ("Mul", |call| arithmetic(call, i64::checked_mul, |a, b| a * b)),
    ("Div", |call| arithmetic(call, i64::checked_div, |a, b| a / b)),
    ("Max", |call| arithmetic(call, |a, b| Some(a.max(b)), f32::max)),
    ("Min", |call| arithmetic(call, |a, b| Some(a.min(b)), f32::min)),
    ("Mod", modulo),
    ("Equal", |call| compare(call, |a, b| a == b)),
    ("Greater", |call| compare(call, |a, b| a > b)),
    ("GreaterOrEqual", |call| compare(call, |a, b| a >= b)),
    ("Less", |call| compare(call, |a, b| a < b)),
    ("LessOrEqual", |call| compare(call, |a, b| a <= b)),
    ("And", |call| compare(call, |a, b| a != 0 && b != 0)),
    ("Or", |call| compare(call, |a, b| a != 0 || b != 0)),
    ("Xor", |call| compare(call, |a, b| (a != 0) != (b != 0))),
    ("Where", choose),
    ("Sum", variadic),
    ("Mean", variadic),
    ("Pow", variadic),
    ("PRelu", variadic),
    ("BitShift", variadic),
    ("BitwiseAnd", variadic),
    ("BitwiseOr", variadic),
    ("BitwiseXor", variadic),
];

/// All inputs, broadcast; computed where their elements are known.
fn arithmetic(
    call: &Call,
    ints: impl Fn(i64, i64) -> Option<i64>,
    floats: fn(f32, f32) -> f32,
) -> Result<Outcome> {
    let ints = combine(call, |fact| fact.ints.as_deref(), ints);
    let floats = combine(call, |fact| fact.floats.as_deref(), |a, b| Some(floats(a, b)));
    folded(call, Fact { ints, floats, ..Fact::default() })
}

/// Integers only; the truth is 1 or 0.
fn compare(call: &Call, holds: fn(i64, i64) -> bool) -> Result<Outcome> {
    let ints = combine(call, |fact| fact.ints.as_deref(), |a, b| Some(i64::from(holds(a, b))));
    folded(call, Fact { ints, ..Fact::default() })
}

/// The remainder has the sign of the divisor, or with `fmod` that of the dividend.
fn modulo(call: &Call) -> Result<Outcome> {
    let fmod = call.int("fmod", 0)? != 0;
    let remainder = |a: i64, b: i64| {
        let rest = a.checked_rem(b)?;
        Some(if !fmod && rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
    };
    let ints = combine(call, |fact| fact.ints.as_deref(), remainder);
    folded(call, Fact { ints, ..Fact::default() })
}

/// A condition and two inputs to take from.
fn choose(call: &Call) -> Result<Outcome> {
    let [condition, a, b] = [call.input(0)?, call.input(1)?, call.input(2)?].map(|fact| fact.ints.as_deref());
    let picked = condition.zip(a).zip(b).and_then(|((condition, a), b)| {
        let length = condition.len().max(a.len()).max(b.len());
        let at = |values: &[i64], i: usize| values.get(if values.len() == 1 { 0 } else { i }).copied();
        (0..length).map(|i| if at(condition, i)? == 0 { at(b, i) } else { at(a, i) }).collect()
    });
    folded(call, Fact { ints: picked, ..Fact::default() })
}

/// The broadcast shape with those elements that fill it. Weights among the inputs count as used here.
fn folded(call: &Call, known: Fact) -> Result<Outcome> {
    let mut outcome = variadic(call)?;
    let fact = &mut outcome.outputs[0];
    let size = fact.dims.iter().product::<usize>();
    fact.ints = known.ints.filter(|values| values.len() == size);
    fact.floats = known.floats.filter(|values| values.len() == size);
    outcome.passes_weights = fact.is_constant() && call.inputs.iter().flatten().all(|f| f.weight.is_none());
    Ok(outcome)
}

/// The elements of all inputs, combined from the first to the last.
fn combine<T: Copy>(
    call: &Call,
    elements: impl Fn(&Fact) -> Option<&[T]>,
    apply: impl Fn(T, T) -> Option<T>,
) -> Option<Vec<T>> {
    let mut all = call.inputs.iter().map(|fact| elements((*fact)?));
    let first = all.next()??.to_vec();
    all.try_fold(first, |sum, next| element_wise(&sum, next?, &apply))
}

/// Constants of equal length, or one of them a single number.
fn element_wise<T: Copy>(a: &[T], b: &[T], apply: impl Fn(T, T) -> Option<T>) -> Option<Vec<T>> {
    match (a, b) {
        _ if a.len().max(b.len()) > LONGEST => None,
        (&[a], b) => b.iter().map(|&b| apply(a, b)).collect(),
        (a, &[b]) => a.iter().map(|&a| apply(a, b)).collect(),
        (a, b) if a.len() == b.len() => a.iter().zip(b).map(|(&a, &b)| apply(a, b)).collect(),
        _ => None,
    }
}

/// All inputs, broadcast.
pub(super) fn variadic(call: &Call) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    for index in 1..call.inputs.len() {
        let other = call.dims(index)?;
        dims = broadcast(&dims, other).ok_or_else(|| call.mismatch("shapes that broadcast"))?;
    }
    Outcome::shape(dims)
}

/// The common shape of two, aligned at the end, where 1 stretches to any size.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |dims: &[usize], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(1, |i| dims[i]);
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::broadcast;

    #[test]
    fn broadcasts_as_numpy() {
        assert_eq!(broadcast(&[2, 1, 4], &[3, 1]), Some(vec![2, 3, 4]));
        assert_eq!(broadcast(&[], &[5]), Some(vec![5]));
        assert_eq!(broadcast(&[2], &[3]), None);
    }
}
