//! Element-wise operators of several inputs with broadcasting, and the integer arithmetic that shapes are computed with.

use super::{
    Family,
    call::{Call, Fact, Outcome},
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Add", |call| arithmetic(call, i64::checked_add)),
    ("Sub", |call| arithmetic(call, i64::checked_sub)),
    ("Mul", |call| arithmetic(call, i64::checked_mul)),
    ("Div", |call| arithmetic(call, i64::checked_div)),
    ("Sum", variadic),
    ("Mean", variadic),
    ("Max", variadic),
    ("Min", variadic),
    ("Pow", variadic),
];

fn arithmetic(call: &Call, apply: fn(i64, i64) -> Option<i64>) -> Result<Outcome> {
    let outcome = variadic(call)?;
    let (a, b) = (call.input(0)?, call.input(1)?);
    let Some((a, b)) = a.ints.as_deref().zip(b.ints.as_deref()) else { return Ok(outcome) };
    let dims = outcome.outputs[0].dims.clone();
    match element_wise(a, b, apply) {
        Some(values) if values.len() == dims.iter().product::<usize>() => {
            Outcome::pass(Fact::ints(dims, values))
        }
        _ => Ok(outcome),
    }
}

/// Constants of equal length, or one of them a single number.
fn element_wise(a: &[i64], b: &[i64], apply: fn(i64, i64) -> Option<i64>) -> Option<Vec<i64>> {
    match (a, b) {
        (&[a], b) => b.iter().map(|&b| apply(a, b)).collect(),
        (a, &[b]) => a.iter().map(|&a| apply(a, b)).collect(),
        (a, b) if a.len() == b.len() => a.iter().zip(b).map(|(&a, &b)| apply(a, b)).collect(),
        _ => None,
    }
}

/// All inputs, broadcast.
fn variadic(call: &Call) -> Result<Outcome> {
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
