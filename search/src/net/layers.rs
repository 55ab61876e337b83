//! Each layer kind on libtorch.

use models::layer::{Activation, BatchNorm, Conv2d, Layer, Pool};
use tch::{Kind, Tensor};

use super::{Mode, Shortcut, Shortcuts, depthwise};

/// What a node has stored: trained tensors in the order of `Layer::tensors`, then running mean and variance.
pub(super) struct Stored<'a> {
    pub(super) weights: &'a [Tensor],
    pub(super) statistics: &'a [Tensor],
    pub(super) shortcuts: Shortcuts,
}

pub(super) fn forward(layer: &Layer, inputs: &[Tensor], stored: &Stored<'_>, mode: Mode<'_>) -> Tensor {
    let x = &inputs[0];
    match layer {
        Layer::Input => x.shallow_clone(),
        Layer::Conv2d(conv) => convolve(conv, x, stored),
        Layer::BatchNorm(norm) => normalise(norm, x, stored, mode),
        Layer::Linear(_) => x.linear(&stored.weights[0], stored.weights.get(1)),
        Layer::Activation(activation) => activate(*activation, x),
        Layer::MaxPool(pool) => max_pool(pool, x),
        Layer::AvgPool(pool) => average_pool(pool, x),
        Layer::GlobalAvgPool => x.mean_dim(&[2_i64, 3][..], true, None::<Kind>),
        Layer::Flatten => x.flatten(1, -1),
        Layer::CropFirst => x.slice(2, 1, None, 1).slice(3, 1, None, 1),
        Layer::Channels { start, count } => x.narrow(1, *start as i64, *count as i64),
        Layer::Shuffle { groups } => shuffle(*groups as i64, x),
        Layer::Zero { stride } => strided(x, *stride as i64).zeros_like(),
        Layer::Noise { stride } => strided(x, *stride as i64).contiguous().randn_like(),
        Layer::Add | Layer::Mix(_) => sum(inputs),
        Layer::Concat => Tensor::cat(inputs, 1),
        Layer::Scale => x * &inputs[1],
        Layer::DropPath => drop_path(x, if mode.train { mode.drop_path } else { 0.0 }),
        Layer::Dropout(probability) => x.dropout(*probability, mode.train),
    }
}

fn pair(values: [usize; 2]) -> [i64; 2] {
    values.map(|value| value as i64)
}

fn convolve(conv: &Conv2d, x: &Tensor, stored: &Stored<'_>) -> Tensor {
    if stored.shortcuts.has(Shortcut::Dilated) && depthwise::applies(conv, x) {
        let by_kernels = stored.shortcuts.has(Shortcut::Depthwise);
        return depthwise::convolve(conv, x, &stored.weights[0], by_kernels);
    }
    if stored.shortcuts.has(Shortcut::Depthwise) && depthwise::is_plain(conv, x) {
        return kernels::depthwise(x, &stored.weights[0], conv.stride[0] as i64, conv.padding[0] as i64);
    }
    let [stride, padding, dilation] = [conv.stride, conv.padding, conv.dilation].map(pair);
    let convolved = |x: &Tensor, stride: [i64; 2]| {
        x.conv2d(&stored.weights[0], stored.weights.get(1), stride, padding, dilation, conv.groups as i64)
    };
    if skips_pixels(conv) && x.size()[1] < 8 {
        // oneDNN writes beyond its memory in the backward pass of these where channels are innermost and fewer than
        // eight (libtorch 2.11, AVX2, found by valgrind). The pixels that are read give the same at stride 1.
        let read = x.slice(2, None, None, stride[0]).slice(3, None, None, stride[1]);
        return convolved(&read, [1, 1]);
    }
    convolved(x, stride)
}

/// Whether it is a 1x1 convolution that reads only some of the pixels.
fn skips_pixels(conv: &Conv2d) -> bool {
    conv.kernel == [1, 1] && conv.padding == [0, 0] && conv.stride != [1, 1]
}

pub(super) fn normalise(norm: &BatchNorm, x: &Tensor, stored: &Stored<'_>, mode: Mode<'_>) -> Tensor {
    let [mean, variance] = [0, 1].map(|at| stored.statistics.get(at));
    let [gain, shift] = [0, 1].map(|at| stored.weights.get(at));
    x.batch_norm(gain, shift, mean, variance, mode.train, norm.momentum, norm.eps, true)
}

fn activate(activation: Activation, x: &Tensor) -> Tensor {
    match activation {
        Activation::Relu => x.relu(),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Swish => x.silu(),
        Activation::HardSwish => x.hardswish(),
        Activation::Sigmoid => x.sigmoid(),
        Activation::HardSigmoid => x.hardsigmoid(),
    }
}

fn max_pool(pool: &Pool, x: &Tensor) -> Tensor {
    let [kernel, stride, padding] = [pool.kernel, pool.stride, pool.padding].map(|value| [value as i64; 2]);
    x.max_pool2d(kernel, stride, padding, [1, 1], false)
}

fn average_pool(pool: &Pool, x: &Tensor) -> Tensor {
    let [kernel, stride, padding] = [pool.kernel, pool.stride, pool.padding].map(|value| [value as i64; 2]);
    x.avg_pool2d(kernel, stride, padding, false, false, None)
}

/// In memory that has channels innermost, as that of all maps.
fn shuffle(groups: i64, x: &Tensor) -> Tensor {
    let innermost = x.permute([0, 2, 3, 1]);
    let [n, h, w, c] = [0, 1, 2, 3].map(|axis| innermost.size()[axis]);
    let dealt = innermost.reshape([n, h, w, groups, c / groups]).transpose(3, 4).reshape([n, h, w, c]);
    dealt.permute([0, 3, 1, 2])
}

fn strided(x: &Tensor, stride: i64) -> Tensor {
    x.detach().slice(2, None, None, stride).slice(3, None, None, stride)
}

fn sum(inputs: &[Tensor]) -> Tensor {
    let [first, second, rest @ ..] = inputs else { return inputs[0].shallow_clone() };
    // Further terms in place: no backward pass needs the old sum.
    rest.iter().fold(first + second, |mut sum, term| sum.g_add_(term))
}

/// Drops a sample's whole branch with this probability and divides the others by the rest, never in place:
/// a stride-1 skip's output is the node's own state.
pub(crate) fn drop_path(x: &Tensor, probability: f64) -> Tensor {
    if probability <= 0.0 {
        return x.shallow_clone();
    }
    let keep = 1.0 - probability;
    let mut mask = Tensor::empty([x.size()[0], 1, 1, 1], (x.kind(), x.device()));
    let _ = mask.bernoulli_float_(keep);
    x * (mask / keep)
}
