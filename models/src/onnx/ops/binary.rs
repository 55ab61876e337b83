//! Element-wise operators of several inputs with broadcasting. Those that shapes are computed with are folded.

use super::{
    Family,
    call::{Call, Fact, Outcome},
    fold,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("Add", |call| folded(call, i64::checked_add, |a, b| a + b)),
    ("Sub", |call| folded(call, i64::checked_sub, |a, b| a - b)),
    ("Mul", |call| folded(call, i64::checked_mul, |a, b| a * b)),
    ("Div", |call| folded(call, i64::checked_div, |a, b| a / b)),
    ("Max", |call| folded(call, |a, b| Some(a.max(b)), f32::max)),
    ("Min", |call| folded(call, |a, b| Some(a.min(b)), f32::min)),
    ("Sum", |call| folded(call, i64::checked_add, |a, b| a + b)),
    ("Mod", modulo),
    ("Equal", |call| truth(call, |a, b| a == b)),
    ("Greater", |call| truth(call, |a, b| a > b)),
    ("GreaterOrEqual", |call| truth(call, |a, b| a >= b)),
    ("Less", |call| truth(call, |a, b| a < b)),
    ("LessOrEqual", |call| truth(call, |a, b| a <= b)),
    ("And", |call| truth(call, |a, b| a != 0 && b != 0)),
    ("Or", |call| truth(call, |a, b| a != 0 || b != 0)),
    ("Xor", |call| truth(call, |a, b| (a != 0) != (b != 0))),
    ("Where", choice),
    ("Clip", clip),
    ("Pow", plain),
    ("Mean", plain),
    ("BitShift", plain),
    ("BitwiseAnd", plain),
    ("BitwiseOr", plain),
    ("BitwiseXor", plain),
];

/// All inputs, broadcast; constants are computed from the left.
fn folded(call: &Call, ints: fn(i64, i64) -> Option<i64>, floats: fn(f32, f32) -> f32) -> Result<Outcome> {
    // Before operator set 7 the second input could stretch along any axis of the first.
    if call.opset < 7 && call.int("broadcast", 0)? != 0 {
        return same(call);
    }
    let (inputs, dims) = operands(call)?;
    let fact = Fact {
        ints: fold::ints(&inputs, &dims, |v| v[1..].iter().try_fold(v[0], |a, &b| ints(a, b))),
        floats: fold::floats(&inputs, &dims, |v| Some(v[1..].iter().fold(v[0], |a, &b| floats(a, b)))),
        ..Fact::new(dims)
    };
    computed(&inputs, fact)
}

/// A comparison or a connective of truth values, which are 0 and 1.
fn truth(call: &Call, holds: fn(i64, i64) -> bool) -> Result<Outcome> {
    call.input(1)?;
    let (inputs, dims) = operands(call)?;
    let ints = fold::ints(&inputs, &dims, |v| Some(holds(v[0], *v.get(1)?).into()));
    computed(&inputs, Fact { ints, ..Fact::new(dims) })
}

/// The remainder, of the divisor's sign as in Python, or of the dividend's with `fmod`.
fn modulo(call: &Call) -> Result<Outcome> {
    let remainder: fn(i64, i64) -> Option<i64> = match call.int("fmod", 0)? {
        0 => |a, b| a.checked_rem(b)?.checked_add(b)?.checked_rem(b),
        _ => i64::checked_rem,
    };
    folded(call, remainder, |a, b| a % b)
}

/// The second input where the first holds, the third elsewhere.
fn choice(call: &Call) -> Result<Outcome> {
    call.input(2)?;
    let (inputs, dims) = operands(call)?;
    let ints = fold::ints(&inputs, &dims, |v| if v[0] == 0 { v.get(2) } else { v.get(1) }.copied());
    computed(&inputs, Fact { ints, ..Fact::new(dims) })
}

/// Between two scalars, attributes or optional inputs; folded with the inputs.
fn clip(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let limits: Vec<&Fact> = [call.optional(1), call.optional(2)].into_iter().flatten().collect();
    let (low, high) = (call.optional(1).is_some(), call.optional(2).is_some());
    let inputs: Vec<&Fact> = [input].into_iter().chain(limits).collect();
    let attributes = ["min", "max"].iter().any(|name| call.node.attributes.contains_key(*name));
    if attributes || inputs[1..].iter().any(|limit| limit.dims.iter().any(|&size| size != 1)) {
        return same(call);
    }
    let ints = fold::ints(&inputs, &input.dims, |v| {
        let raised = if low { v[0].max(v[1]) } else { v[0] };
        Some(if high { raised.min(v[v.len() - 1]) } else { raised })
    });
    let floats = fold::floats(&inputs, &input.dims, |v| {
        let raised = if low { v[0].max(v[1]) } else { v[0] };
        Some(if high { raised.min(v[v.len() - 1]) } else { raised })
    });
    computed(&[input], Fact { ints, floats, ..Fact::new(input.dims.clone()) })
}

/// All inputs, broadcast.
fn plain(call: &Call) -> Result<Outcome> {
    Outcome::shape(operands(call)?.1)
}

/// The inputs and the shape to which they broadcast; two at least but for the variadic operators.
fn operands<'a>(call: &Call<'a>) -> Result<(Vec<&'a Fact>, Vec<usize>)> {
    let variadic = matches!(call.node.op_type.as_str(), "Sum" | "Max" | "Min" | "Mean");
    let least = if variadic { 1 } else { 2 };
    let inputs: Vec<&Fact> =
        (0..call.inputs.len().max(least)).map(|index| call.input(index)).collect::<Result<_>>()?;
    let mut dims = inputs[0].dims.clone();
    for other in &inputs[1..] {
        dims = broadcast(&dims, &other.dims).ok_or_else(|| call.mismatch("shapes that broadcast"))?;
    }
    Ok((inputs, dims))
}

/// A result that is a constant if the inputs are. Weights among them are used, not handed on.
pub(super) fn computed(inputs: &[&Fact], fact: Fact) -> Result<Outcome> {
    let passes_weights = fact.is_known() && inputs.iter().all(|input| input.weight.is_none());
    Ok(Outcome { passes_weights, ..Outcome::of(vec![fact])? })
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
