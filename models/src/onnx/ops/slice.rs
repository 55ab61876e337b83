//! Picking elements along axes.

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
};
use crate::onnx::{
    error::{Error, Result},
    tensor::elements,
};

pub(super) const OPERATORS: Family = &[("Slice", slice), ("Gather", gather)];

/// From `starts` to `ends` along `axes` by `steps`; attributes up to operator set 9, inputs since.
fn slice(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let starts = call.ints_or_input("starts", 1)?.ok_or(Error::NoInput { index: 1 })?;
    let ends = call.ints_or_input("ends", 2)?.ok_or(Error::NoInput { index: 2 })?;
    let axes = call.ints_or_input("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call.ints_or_input("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(call.mismatch("as many starts as ends, axes and steps"));
    }
    let mut fact = input.clone();
    for (i, &axis) in axes.iter().enumerate() {
        let axis = call.axis(axis, fact.dims.len())?;
        let picked = Picked::new(fact.dims[axis], starts[i], ends[i], steps[i])
            .ok_or_else(|| call.mismatch("steps that are not 0"))?;
        let mut dims = fact.dims.clone();
        dims[axis] = picked.count;
        fact = fact.take(dims, axis, picked.indices());
    }
    Ok(of_constant(input, fact))
}

/// Weights among the inputs count as used here.
fn of_constant(from: &Fact, fact: Fact) -> Outcome {
    let passes_weights = fact.is_constant() && from.weight.is_none();
    let weight = None;
    Outcome { outputs: vec![Fact { weight, quantised: None, ..fact }], macs: 0, passes_weights }
}

/// The indices that a slice takes of an axis, as numpy does.
struct Picked {
    first: i64,
    step: i64,
    count: usize,
}

impl Picked {
    /// None for step 0.
    fn new(size: usize, start: i64, end: i64, step: i64) -> Option<Self> {
        let length = size as i64;
        let from_end = |value: i64| if value < 0 { value.saturating_add(length) } else { value };
        let (first, last) = match step {
            0 => return None,
            1.. => (from_end(start).clamp(0, length), from_end(end).clamp(0, length)),
            _ => (from_end(start).clamp(-1, length - 1), from_end(end).clamp(-1, length - 1)),
        };
        let span = if step > 0 { last - first } else { first - last };
        let count = if span > 0 { (span - 1) / step.saturating_abs() + 1 } else { 0 };
        Some(Self { first, step, count: count as usize })
    }

    fn indices(&self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(|i| (self.first + i * self.step) as usize)
    }
}

/// Elements (or slices) at the given indices of `axis`.
fn gather(call: &Call) -> Result<Outcome> {
    let (data, indices) = (call.input(0)?, call.input(1)?);
    let axis = call.axis(call.int("axis", 0)?, data.dims.len())?;
    let dims = [&data.dims[..axis], &indices.dims, &data.dims[axis + 1..]].concat();
    elements(&dims)?;
    let Some(indices) = indices.ints.as_deref() else { return Outcome::shape(dims) };
    let indices: Vec<usize> =
        indices.iter().map(|&index| call.axis(index, data.dims[axis])).collect::<Result<_>>()?;
    Ok(of_constant(data, data.take(dims, axis, indices.into_iter())))
}

#[cfg(test)]
mod tests {
    use super::Picked;

    #[test]
    fn slices_as_numpy() {
        let indices =
            |start, end, step| Picked::new(5, start, end, step).map(|p| p.indices().collect::<Vec<_>>());
        assert_eq!(indices(1, 4, 2), Some(vec![1, 3]));
        assert_eq!(indices(-2, i64::MAX, 1), Some(vec![3, 4]));
        assert_eq!(indices(-1, i64::MIN, -2), Some(vec![4, 2, 0]));
        assert_eq!(indices(4, 2, 1), Some(vec![]));
        assert_eq!(indices(0, 5, 0), None);
    }
}
