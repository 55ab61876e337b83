//! The weights of a file in fewer bits.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use models::onnx::Tensor;

use super::error::Error;
use super::operator::Weighted;
use super::rewrite::{INT8, INT32, Integers, Rewrite};
use super::scale::{self, Affine};
use super::source::Source;

/// Replaces the weights and the bias of a node, which are among these constants, by integers: weights with one scale per output channel, symmetric, and the
/// bias in steps of that scale times the one of the node's input, which is what sums of products come in.
///
/// # Errors
/// [`Error::Weights`] where they are not finite.
pub(super) fn integers(
    rewrite: &mut Rewrite,
    source: &Source,
    constants: &HashMap<&str, &Tensor>,
    (at, weighted): (usize, Weighted),
    input: Affine,
) -> Result<(), Error> {
    let node = &source.nodes()[at];
    let [weight, bias] =
        [1, 2].map(|index| node.input.get(index).and_then(|name| constants.get(name.as_str())));
    let Some(weight) = weight else { return Ok(()) };
    let values = finite(source, weight)?;
    let mut scales: Vec<f32> =
        largest(&values, &weight.dims, weighted.axis).into_iter().map(scale::symmetric).collect();
    if let Some(bias) = bias.filter(|_| weighted.bias) {
        let summands = finite(source, bias)?;
        for (scale, &summand) in scales.iter_mut().zip(&summands) {
            *scale = scale::for_bias(*scale, input.scale, summand);
        }
        let steps: Vec<f32> = scales.iter().map(|scale| scale * input.scale).collect();
        let integers = summands.iter().zip(&steps).map(|(value, step)| scale::bias(*value, *step));
        let bytes = integers.flat_map(i32::to_le_bytes).collect();
        rewrite
            .replace((at, 2), Integers { kind: INT32, dims: vec![steps.len()], bytes, scales: steps, axis: 0 });
    }
    let channel = channels(&weight.dims, weighted.axis);
    let integers = values.iter().enumerate().map(|(at, value)| scale::weight(*value, scales[channel(at)]));
    let bytes = integers.map(|value| value as u8).collect();
    let (dims, axis) = (weight.dims.clone(), weighted.axis);
    rewrite.replace((at, 1), Integers { kind: INT8, dims, bytes, scales, axis });
    Ok(())
}

/// Which channel an element belongs to, by its place in row-major order.
fn channels(dims: &[usize], axis: usize) -> impl Fn(usize) -> usize {
    let (inner, count) = (dims[axis + 1..].iter().product::<usize>(), dims[axis]);
    move |at| at / inner % count
}

/// The largest absolute value of each channel.
fn largest(values: &[f32], dims: &[usize], axis: usize) -> Vec<f32> {
    let channel = channels(dims, axis);
    let mut largest = vec![0.0_f32; dims[axis]];
    for (at, value) in values.iter().enumerate() {
        largest[channel(at)] = largest[channel(at)].max(value.abs());
    }
    largest
}

/// Stores the weights of all nodes with weights as half floats. Returns how many tensors these are, and the names of those
/// that stay because they hold numbers beyond half floats.
///
/// # Errors
/// [`Error::Weights`] where they are not finite.
pub(super) fn halves(
    rewrite: &mut Rewrite,
    source: &Source,
    weighted: &BTreeMap<usize, Weighted>,
) -> Result<(usize, Vec<String>), Error> {
    let constants = source.constants();
    let names = weighted.keys().map(|&at| source.nodes()[at].input[1].as_str());
    let weights: BTreeMap<&str, &Tensor> =
        names.filter_map(|name| Some((name, *constants.get(name)?))).collect();
    let (mut count, mut beyond) = (0, Vec::new());
    for (name, weight) in weights {
        let halves: Vec<f16> = finite(source, weight)?.into_iter().map(f16::from_f32).collect();
        if halves.iter().all(|half| half.is_finite()) {
            rewrite.halve(name, &weight.dims, halves.into_iter().flat_map(f16::to_le_bytes).collect());
            count += 1;
        } else {
            beyond.push(name.to_string());
        }
    }
    Ok((count, beyond))
}

fn finite(source: &Source, tensor: &Tensor) -> Result<Vec<f32>, Error> {
    let values = tensor.floats()?;
    match values.iter().find(|value| !value.is_finite()) {
        Some(&found) => Err(Error::Weights { model: source.name.clone(), tensor: tensor.name.clone(), found }),
        None => Ok(values),
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use super::*;

    /// `[2, 3, 2]`, its elements counted from 0: channels along each axis.
    #[test]
    fn channels_along_any_axis() {
        let dims = [2, 3, 2];
        let by_axis = |axis| (0..12).map(channels(&dims, axis)).collect::<Vec<_>>();
        assert_eq!(by_axis(0), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
        assert_eq!(by_axis(1), [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
        assert_eq!(by_axis(2), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
        let values: Vec<f32> = (0..12_u8).map(|at| -f32::from(at)).collect();
        assert_eq!(largest(&values, &dims, 0), [5.0, 11.0]);
        assert_eq!(largest(&values, &dims, 1), [7.0, 9.0, 11.0]);
    }
}
