//! Arithmetic and rearranging of small constants: what shapes are computed with.

use std::rc::Rc;

use super::call::{Fact, LONGEST_COMPUTED};

/// Steps between neighbours along each axis, in row-major order.
pub(super) fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// The constant whose element at each index is the element of `input` at `place(index)`, counted in row-major order. Its elements are
/// only known if those of the input are, and if they are few.
pub(super) fn arranged(input: &Fact, dims: Vec<usize>, place: impl Fn(&[usize]) -> usize) -> Fact {
    let known = (input.ints.is_some() || input.floats.is_some()) && few(&dims);
    let places: Vec<usize> = if known { indices(&dims).map(|index| place(&index)).collect() } else { vec![] };
    Fact {
        ints: input.ints.as_deref().filter(|_| known).and_then(|from| pick(from, &places)),
        floats: input.floats.as_deref().filter(|_| known).and_then(|from| pick(from, &places)),
        ..Fact::new(dims)
    }
}

/// Integers computed element by element from inputs that broadcast to `dims`, if all of them are known and the results fit.
pub(super) fn ints(
    inputs: &[&Fact],
    dims: &[usize],
    apply: impl Fn(&[i64]) -> Option<i64>,
) -> Option<Rc<[i64]>> {
    let constants: Option<Vec<_>> =
        inputs.iter().map(|fact| Some((&*fact.dims, fact.ints.as_deref()?))).collect();
    computed(&constants?, dims, apply)
}

/// The same for floats.
pub(super) fn floats(
    inputs: &[&Fact],
    dims: &[usize],
    apply: impl Fn(&[f32]) -> Option<f32>,
) -> Option<Rc<[f32]>> {
    let constants: Option<Vec<_>> =
        inputs.iter().map(|fact| Some((&*fact.dims, fact.floats.as_deref()?))).collect();
    computed(&constants?, dims, apply)
}

fn computed<T: Copy>(
    constants: &[(&[usize], &[T])],
    dims: &[usize],
    apply: impl Fn(&[T]) -> Option<T>,
) -> Option<Rc<[T]>> {
    // Without elements there is nothing to broadcast, and sizes beside the 0 may be anything.
    if constants.iter().any(|(_, values)| values.is_empty()) {
        return dims.contains(&0).then(|| Rc::from([]));
    }
    let element = |index: Vec<usize>| {
        let operands: Option<Vec<T>> =
            constants.iter().map(|(from, values)| values.get(place(from, &index)?).copied()).collect();
        apply(&operands?)
    };
    indices(dims).map(element).collect::<Option<Rc<[T]>>>().filter(|_| few(dims))
}

/// Where the element at an index of the result is in an operand that broadcasts to it; none if it has more axes than the result and
/// these are not of size 1.
fn place(dims: &[usize], index: &[usize]) -> Option<usize> {
    let (beyond, shared) = dims.split_at(dims.len().saturating_sub(index.len()));
    let axes = shared.iter().zip(strides(shared)).zip(&index[index.len() - shared.len()..]);
    let place = axes.map(|((&size, stride), &at)| if size == 1 { 0 } else { at * stride }).sum();
    beyond.iter().all(|&size| size == 1).then_some(place)
}

fn pick<T: Copy>(from: &[T], places: &[usize]) -> Option<Rc<[T]>> {
    places.iter().map(|&place| from.get(place).copied()).collect()
}

fn few(dims: &[usize]) -> bool {
    dims.iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size))
        .is_some_and(|n| n <= LONGEST_COMPUTED)
}

/// All indices of a shape in row-major order; none if there are too many to compute with.
fn indices(dims: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let count = if few(dims) { dims.iter().product() } else { 0 };
    let (sizes, strides) = (dims.to_vec(), strides(if count > 0 { dims } else { &[] }));
    (0..count).map(move |at| strides.iter().zip(&sizes).map(|(stride, size)| at / stride % size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_broadcast() {
        let column = Fact::ints(vec![2, 1], vec![10, 20]);
        let row = Fact::ints(vec![3], vec![1, 2, 3]);
        let sums = ints(&[&column, &row], &[2, 3], |v| v[0].checked_add(v[1]));
        assert_eq!(sums.as_deref(), Some(&[11, 12, 13, 21, 22, 23][..]));
        assert_eq!(ints(&[&column, &row], &[2, 3], |_| None), None);
        // Found by fuzzing, in the limits of a Clip: operands with more axes than the result, and without elements.
        let sum = |other: &Fact, dims: &[usize]| ints(&[&row, other], dims, |v| v[0].checked_add(v[1]));
        assert_eq!(sum(&Fact::ints(vec![1, 1], vec![1]), &[3]).as_deref(), Some(&[2, 3, 4][..]));
        assert_eq!(sum(&column, &[3]), None);
        assert_eq!(sum(&Fact::ints(vec![0, usize::MAX, usize::MAX], vec![]), &[3]), None);
        let scalar = Fact::ints(vec![], vec![7]);
        assert_eq!(ints(&[&scalar], &[], |v| Some(-v[0])).as_deref(), Some(&[-7][..]));
    }

    #[test]
    fn constants_are_rearranged_if_they_are_few() {
        let matrix = Fact::ints(vec![2, 3], vec![1, 2, 3, 4, 5, 6]);
        let transposed = arranged(&matrix, vec![3, 2], |index| index[1] * 3 + index[0]);
        assert_eq!(transposed.ints.as_deref(), Some(&[1, 4, 2, 5, 3, 6][..]));
        let long = arranged(&matrix, vec![1000], |_| 0);
        assert_eq!((long.ints, long.dims), (None, vec![1000]));
    }
}
