//! A plain interpreter in 64-bit floats: the network as it stands, batch norms not folded. Slow, and right by being simple.

use std::array::from_fn;

use export::Weights;
use models::layer::{Activation, BatchNorm, Conv2d, Layer, Pool, Role};
use models::network::{Network, Node};
use models::shape::Shape;

/// The logits of one image `[C, H, W]`.
pub(super) fn logits(network: &Network, weights: &Weights, image: &[f32]) -> Vec<f64> {
    let mut values: Vec<Map> = Vec::new();
    for node in &network.nodes {
        let inputs: Vec<&Map> = node.inputs.iter().map(|&input| &values[input]).collect();
        let data = match inputs.first() {
            None => image.iter().copied().map(f64::from).collect(),
            Some(_) => compute(node, weights, &inputs),
        };
        values.push(Map { sides: sides(node.shape), data });
    }
    values.swap_remove(network.logits()).data
}

/// A feature map; a vector has height and width 1.
struct Map {
    sides: [usize; 3],
    data: Vec<f64>,
}

impl Map {
    /// Beyond the borders there is nothing.
    fn at(&self, c: usize, y: usize, x: usize) -> Option<f64> {
        let [_, height, width] = self.sides;
        (y < height && x < width).then(|| self.data[(c * height + y) * width + x])
    }

    fn plane(&self) -> usize {
        self.sides[1] * self.sides[2]
    }
}

fn sides(shape: Shape) -> [usize; 3] {
    match shape {
        Shape::Map { channels, height, width } => [channels, height, width],
        Shape::Vector(features) => [features, 1, 1],
    }
}

/// A value for each channel, row and column.
fn each(sides: [usize; 3], value: impl Fn(usize, usize, usize) -> f64) -> Vec<f64> {
    let [channels, height, width] = sides;
    (0..channels * height * width).map(|i| value(i / (height * width), i / width % height, i % width)).collect()
}

fn compute(node: &Node, weights: &Weights, inputs: &[&Map]) -> Vec<f64> {
    let x = inputs[0];
    let out = sides(node.shape);
    let tensor = |role: Role| {
        let tensor = weights.tensors.get(&format!("{}.{}", node.path, role.suffix()));
        tensor.map(|tensor| tensor.data.iter().copied().map(f64::from).collect::<Vec<f64>>())
    };
    match &node.layer {
        Layer::Input | Layer::Mix(_) => panic!("{} in a network for inference", node.path),
        Layer::Conv2d(conv) => {
            convolved(conv, out, x, &tensor(Role::Weight).unwrap(), tensor(Role::Bias).as_deref())
        }
        Layer::Linear(_) => {
            let (weight, bias) = (tensor(Role::Weight).unwrap(), tensor(Role::Bias).unwrap());
            let rows = weight.chunks_exact(x.data.len());
            rows.zip(bias)
                .map(|(row, bias)| row.iter().zip(&x.data).map(|(w, x)| w * x).sum::<f64>() + bias)
                .collect()
        }
        Layer::BatchNorm(norm) => normalised(norm, x, &tensor),
        Layer::Activation(activation) => x.data.iter().map(|&x| activated(*activation, x)).collect(),
        Layer::MaxPool(pool) => {
            each(out, |c, y, z| window(pool, x, [c, y, z]).into_iter().fold(f64::NEG_INFINITY, f64::max))
        }
        Layer::AvgPool(pool) => each(out, |c, y, z| mean(&window(pool, x, [c, y, z]))),
        Layer::GlobalAvgPool => x.data.chunks_exact(x.plane()).map(mean).collect(),
        Layer::Flatten | Layer::DropPath | Layer::Dropout(_) => x.data.clone(),
        Layer::Channels { start, .. } => each(out, |c, y, z| x.at(start + c, y, z).unwrap()),
        Layer::CropFirst => each(out, |c, y, z| x.at(c, y + 1, z + 1).unwrap()),
        Layer::Zero { .. } => vec![0.0; node.shape.elements()],
        Layer::Noise { .. } | Layer::Shuffle { .. } => panic!("{} is never exported", node.path),
        Layer::Add => (0..x.data.len()).map(|i| inputs.iter().map(|map| map.data[i]).sum()).collect(),
        Layer::Concat => inputs.iter().flat_map(|map| map.data.clone()).collect(),
        Layer::Scale => each(out, |c, y, z| x.at(c, y, z).unwrap() * inputs[1].data[c]),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn convolved(conv: &Conv2d, out: [usize; 3], x: &Map, weight: &[f64], bias: Option<&[f64]>) -> Vec<f64> {
    let [kh, kw] = conv.kernel;
    let per_group = x.sides[0] / conv.groups;
    each(out, |o, y, z| {
        let first = o / (conv.out / conv.groups) * per_group;
        let filter = weight.chunks_exact(per_group * kh * kw).nth(o).unwrap();
        let tap = |i: usize| {
            let [row, column] = [(y, i / kw % kh), (z, i % kw)];
            let place: [usize; 2] = from_fn(|axis| {
                let (at, offset) = [row, column][axis];
                // Wraps around to beyond the borders where it would be negative.
                (at * conv.stride[axis] + offset * conv.dilation[axis]).wrapping_sub(conv.padding[axis])
            });
            filter[i] * x.at(first + i / (kh * kw), place[0], place[1]).unwrap_or(0.0)
        };
        bias.map_or(0.0, |bias| bias[o]) + (0..filter.len()).map(tap).sum::<f64>()
    })
}

fn normalised(norm: &BatchNorm, x: &Map, tensor: &impl Fn(Role) -> Option<Vec<f64>>) -> Vec<f64> {
    let of = |role, c: usize, default| tensor(role).map_or(default, |values| values[c]);
    let channel = |(c, plane): (usize, &[f64])| {
        let (mean, variance) = (of(Role::RunningMean, c, 0.0), of(Role::RunningVar, c, 1.0));
        let (gain, shift) = (of(Role::Gain, c, 1.0), of(Role::Shift, c, 0.0));
        // Named tensors that are not there would go unnoticed otherwise.
        assert_eq!(norm.affine, tensor(Role::Gain).is_some());
        plane.iter().map(|x| (x - mean) / (variance + norm.eps).sqrt() * gain + shift).collect::<Vec<f64>>()
    };
    x.data.chunks_exact(x.plane()).enumerate().flat_map(channel).collect()
}

/// The pixels under a window, without its padding.
fn window(pool: &Pool, x: &Map, [c, y, z]: [usize; 3]) -> Vec<f64> {
    let side = |at: usize, offset: usize| (at * pool.stride + offset).wrapping_sub(pool.padding);
    let offsets = (0..pool.kernel * pool.kernel).map(|i| (i / pool.kernel, i % pool.kernel));
    offsets.filter_map(|(row, column)| x.at(c, side(y, row), side(z, column))).collect()
}

fn activated(activation: Activation, x: f64) -> f64 {
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let hard = (x + 3.0).clamp(0.0, 6.0) / 6.0;
    match activation {
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Swish => x * sigmoid,
        Activation::HardSwish => x * hard,
        Activation::Sigmoid => sigmoid,
        Activation::HardSigmoid => hard,
    }
}
