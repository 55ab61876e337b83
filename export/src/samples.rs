//! Networks for the tests of this crate.

use models::layer::{Activation, BatchNorm, Conv2d, Layer, Pool};
use models::network::{Builder, Network};
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
    let conv = |out| Layer::Conv2d(Conv2d::same(out, 3, 1));
    let pool = |stride| Pool { kernel: 3, stride, padding: 1 };
    let stem = b.chain("stem", 0, vec![("conv", conv(6)), ("bn", bn()), ("bn_again", bn())]).unwrap();
    let lines = Conv2d { kernel: [1, 3], stride: [1, 2], padding: [0, 1], ..Conv2d::pointwise(6) };
    let first = b
        .chain(
            "first",
            stem,
            vec![
                ("hard_swish", act(Activation::HardSwish)),
                ("drop_path", Layer::DropPath),
                ("depthwise", Layer::Conv2d(Conv2d::depthwise(6, 5, 1, 2))),
                ("swish", act(Activation::Swish)),
                ("line", Layer::Conv2d(Conv2d { bias: true, ..lines })),
                ("bn", Layer::BatchNorm(BatchNorm::new(false))),
                ("max", Layer::MaxPool(Pool { kernel: 2, stride: 1, padding: 0 })),
                ("bn_of_pool", bn()),
            ],
        )
        .unwrap();
    // Halves joined, then normalised: FactorizedReduce.
    let relu = b.push("half.relu", act(Activation::Relu), &[stem]).unwrap();
    let crop = b.push("half.crop", Layer::CropFirst, &[relu]).unwrap();
    let even =
        b.push("half.even", Layer::Conv2d(Conv2d { stride: [2, 2], ..Conv2d::pointwise(2) }), &[relu]).unwrap();
    let odd =
        b.push("half.odd", Layer::Conv2d(Conv2d { stride: [2, 2], ..Conv2d::pointwise(4) }), &[crop]).unwrap();
    let both = b.push("half.concat", Layer::Concat, &[even, odd]).unwrap();
    let half = b.push("half.bn", bn(), &[both]).unwrap();
    let max = b.push("max", Layer::MaxPool(pool(2)), &[relu]).unwrap();
    let avg = b.push("avg", Layer::AvgPool(pool(2)), &[relu]).unwrap();
    let zero = b.push("zero", Layer::Zero { stride: 2 }, &[relu]).unwrap();
    let still = b.push("still", Layer::Zero { stride: 1 }, &[half]).unwrap();
    let sum = b.push("sum", Layer::Add, &[half, max, avg, zero, still]).unwrap();
    let alone = b.push("alone", Layer::Add, &[sum]).unwrap();
    // A gate: squeeze-and-excitation.
    let gate = b
        .chain(
            "gate",
            alone,
            vec![
                ("pool", Layer::GlobalAvgPool),
                ("conv", Layer::Conv2d(Conv2d { bias: true, ..Conv2d::pointwise(6) })),
                ("relu6", act(Activation::Relu6)),
                ("hard_sigmoid", act(Activation::HardSigmoid)),
            ],
        )
        .unwrap();
    let scaled = b.push("scale", Layer::Scale, &[alone, gate]).unwrap();
    let gate2 = b
        .chain("gate2", scaled, vec![("pool", Layer::GlobalAvgPool), ("sigmoid", act(Activation::Sigmoid))])
        .unwrap();
    let scaled = b.push("scale2", Layer::Scale, &[scaled, gate2]).unwrap();
    // A convolution that two read: its batch normalisation stays.
    let shared = b.push("shared.conv", conv(6), &[scaled]).unwrap();
    let normed = b.push("shared.bn", bn(), &[shared]).unwrap();
    let joined = b.push("joined", Layer::Add, &[shared, normed]).unwrap();
    let vector = |b: &mut Builder, path: &str, x| {
        b.chain(
            path,
            x,
            vec![("pool", Layer::GlobalAvgPool), ("flatten", Layer::Flatten), ("linear", Layer::Linear(5))],
        )
        .unwrap()
    };
    let one = vector(&mut b, "one", joined);
    let other = b
        .chain(
            "other",
            first,
            vec![("flatten", Layer::Flatten), ("bn", bn()), ("linear", Layer::Linear(5)), ("bn2", bn())],
        )
        .unwrap();
    let logits = b.push("both", Layer::Add, &[one, other]).unwrap();
    b.output("logits", logits);
    b.finish().unwrap()
}
