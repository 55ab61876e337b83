//! Networks for the tests of this crate.

use models::layer::{Activation, BatchNorm, Conv2d, Layer, Pool};
use models::network::{Builder, Network, NodeId};
use models::shape::Shape;

use crate::options::Options;

pub(crate) const RANDOM: Options =
    Options { batch: crate::options::Batch::Fixed(1), target: crate::options::Target::Cpu, allow_random: true };

pub(crate) fn bn() -> Layer {
    Layer::BatchNorm(BatchNorm::new(true))
}

pub(crate) fn act(activation: Activation) -> Layer {
    Layer::Activation(activation)
}

/// Every kind of layer that can be shipped, and every way in which a batch normalisation is folded or stays.
pub(crate) fn everything() -> Network {
    let mut b = Builder::new("everything", Shape::map(3, 8, 8));
    let stem = b.chain("stem", 0, vec![("conv", conv(6)), ("bn", bn()), ("bn_again", bn())]).unwrap();
    let other = line(&mut b, stem);
    let reduced = reduced(&mut b, stem);
    let gated = gated(&mut b, reduced);
    // A convolution that two read: its batch normalisation stays.
    let shared = b.push("shared.conv", conv(6), &[gated]).unwrap();
    let normed = b.push("shared.bn", bn(), &[shared]).unwrap();
    let joined = b.push("joined", Layer::Add, &[shared, normed]).unwrap();
    let parts = vec![("pool", Layer::GlobalAvgPool), ("flatten", Layer::Flatten), ("linear", Layer::Linear(5))];
    let one = b.chain("one", joined, parts).unwrap();
    let logits = b.push("both", Layer::Add, &[one, other]).unwrap();
    b.output("logits", logits);
    b.finish().unwrap()
}

fn conv(out: usize) -> Layer {
    Layer::Conv2d(Conv2d::same(out, 3, 1))
}

/// A row of layers down to a vector of 5.
fn line(b: &mut Builder, x: NodeId) -> NodeId {
    let lines = Conv2d { kernel: [1, 3], stride: [1, 2], padding: [0, 1], ..Conv2d::pointwise(6) };
    let first = vec![
        ("hard_swish", act(Activation::HardSwish)),
        ("drop_path", Layer::DropPath),
        ("depthwise", Layer::Conv2d(Conv2d::depthwise(6, 5, 1, 2))),
        ("swish", act(Activation::Swish)),
        ("line", Layer::Conv2d(Conv2d { bias: true, ..lines })),
        ("bn", Layer::BatchNorm(BatchNorm::new(false))),
        ("max", Layer::MaxPool(Pool { kernel: 2, stride: 1, padding: 0 })),
        ("bn_of_pool", bn()),
    ];
    let first = b.chain("first", x, first).unwrap();
    let other = vec![("flatten", Layer::Flatten), ("bn", bn()), ("linear", Layer::Linear(5)), ("bn2", bn())];
    b.chain("other", first, other).unwrap()
}

/// The sum of everything that halves height and width.
fn reduced(b: &mut Builder, x: NodeId) -> NodeId {
    let relu = b.push("half.relu", act(Activation::Relu), &[x]).unwrap();
    let half = halves(b, relu);
    let mixed = mixed(b, relu);
    let pool = Pool { kernel: 3, stride: 2, padding: 1 };
    let max = b.push("max", Layer::MaxPool(pool.clone()), &[relu]).unwrap();
    let avg = b.push("avg", Layer::AvgPool(pool), &[relu]).unwrap();
    let zero = b.push("zero", Layer::Zero { stride: 2 }, &[relu]).unwrap();
    let still = b.push("still", Layer::Zero { stride: 1 }, &[half]).unwrap();
    let sum = b.push("sum", Layer::Add, &[half, mixed, max, avg, zero, still]).unwrap();
    b.push("alone", Layer::Add, &[sum]).unwrap()
}

/// Halves joined, then normalised: `FactorizedReduce`.
fn halves(b: &mut Builder, x: NodeId) -> NodeId {
    let strided = |out| Layer::Conv2d(Conv2d { stride: [2, 2], ..Conv2d::pointwise(out) });
    let crop = b.push("half.crop", Layer::CropFirst, &[x]).unwrap();
    let even = b.push("half.even", strided(2), &[x]).unwrap();
    let odd = b.push("half.odd", strided(4), &[crop]).unwrap();
    let both = b.push("half.concat", Layer::Concat, &[even, odd]).unwrap();
    b.push("half.bn", bn(), &[both]).unwrap()
}

/// Half of the channels by one kernel, half by another, then normalised: a mixed convolution.
fn mixed(b: &mut Builder, x: NodeId) -> NodeId {
    let mut part = |path: &str, start, kernel| {
        let depthwise = Layer::Conv2d(Conv2d::depthwise(3, kernel, 2, 1));
        b.chain(path, x, vec![("channels", Layer::Channels { start, count: 3 }), ("conv", depthwise)]).unwrap()
    };
    let parts = [part("mixed.0", 0, 3), part("mixed.1", 3, 5)];
    let mixed = b.push("mixed.concat", Layer::Concat, &parts).unwrap();
    b.push("mixed.bn", bn(), &[mixed]).unwrap()
}

/// Two gates: squeeze-and-excitation.
fn gated(b: &mut Builder, x: NodeId) -> NodeId {
    let parts = vec![
        ("pool", Layer::GlobalAvgPool),
        ("conv", Layer::Conv2d(Conv2d { bias: true, ..Conv2d::pointwise(6) })),
        ("relu6", act(Activation::Relu6)),
        ("hard_sigmoid", act(Activation::HardSigmoid)),
    ];
    let gate = b.chain("gate", x, parts).unwrap();
    let scaled = b.push("scale", Layer::Scale, &[x, gate]).unwrap();
    let parts = vec![("pool", Layer::GlobalAvgPool), ("sigmoid", act(Activation::Sigmoid))];
    let gate = b.chain("gate2", scaled, parts).unwrap();
    b.push("scale2", Layer::Scale, &[scaled, gate]).unwrap()
}
