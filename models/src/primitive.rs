//! Candidate operations of cell-based spaces, as the layers they are made of.
//!
//! Definitions: DARTS (Liu et al. 2019, `quark0/darts: cnn/operations.py`); the same operations serve
//! `NASNet`, `AmoebaNet` and every published cell of the DARTS family. `nor_conv` is `NAS-Bench-201`'s, `noise` is that of
//! `RobustDARTS`'s space S4.

use crate::error::Error;
use crate::layer::{Activation, BatchNorm, Conv2d, Layer, Pool};
use crate::network::{Builder, NodeId};
use crate::shape::Shape;

const RELU: Layer = Layer::Activation(Activation::Relu);

/// How an operation is built: in a supernet or in a network that is trained on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No affine parameters in batch norms, and a batch norm behind each pool.
    Search,
    /// Affine batch norms, plain pools.
    Retrain,
}

impl Style {
    /// The batch norm of this style.
    #[must_use]
    pub const fn norm(self) -> Layer {
        Layer::BatchNorm(BatchNorm::new(matches!(self, Self::Retrain)))
    }
}

/// What an operation is asked for: output channels (and input channels: they are equal), stride, style.
#[derive(Clone, Copy, Debug)]
pub struct OpSpec {
    /// Channels in and out.
    pub channels: usize,
    /// 1, or 2 on the edges of a reduction cell that start at its inputs.
    pub stride: usize,
    /// Supernet or retraining.
    pub style: Style,
}

/// A candidate operation: its name and how it expands into layers.
#[derive(Debug)]
pub struct Primitive {
    /// Its published name.
    pub name: &'static str,
    expand: Expand,
}

#[derive(Debug)]
enum Expand {
    Zero,
    MaxPool,
    AvgPool,
    Skip,
    Separable(usize),
    Dilated(usize),
    Factorized7,
    Plain(usize),
    Noise,
}

const fn primitive(name: &'static str, expand: Expand) -> Primitive {
    Primitive { name, expand }
}

/// Every known candidate operation.
pub const PRIMITIVES: &[Primitive] = &[
    primitive("none", Expand::Zero),
    primitive("max_pool_3x3", Expand::MaxPool),
    primitive("avg_pool_3x3", Expand::AvgPool),
    primitive("skip_connect", Expand::Skip),
    primitive("sep_conv_3x3", Expand::Separable(3)),
    primitive("sep_conv_5x5", Expand::Separable(5)),
    primitive("sep_conv_7x7", Expand::Separable(7)),
    primitive("dil_conv_3x3", Expand::Dilated(3)),
    primitive("dil_conv_5x5", Expand::Dilated(5)),
    primitive("conv_7x1_1x7", Expand::Factorized7),
    primitive("nor_conv_1x1", Expand::Plain(1)),
    primitive("nor_conv_3x3", Expand::Plain(3)),
    primitive("noise", Expand::Noise),
];

/// The name of the skip connection, the operation that plain DARTS collapses into.
pub const SKIP_CONNECT: &str = "skip_connect";
/// The name of the zero operation, which is never chosen when a cell is derived.
pub const NONE: &str = "none";

impl Primitive {
    /// The operation of this name.
    ///
    /// # Errors
    /// When there is none; suggests the nearest name.
    pub fn by_name(name: &str) -> Result<&'static Self, Error> {
        PRIMITIVES.iter().find(|primitive| primitive.name == name).ok_or_else(|| {
            let known: Vec<&str> = PRIMITIVES.iter().map(|primitive| primitive.name).collect();
            Error::unknown("operation", name, &known)
        })
    }

    /// Appends the operation's layers below `path` and returns its output; a stride-1 skip is its input.
    ///
    /// # Errors
    /// When a shape does not fit; names the node.
    pub fn build(&self, b: &mut Builder, path: &str, x: NodeId, spec: OpSpec) -> Result<NodeId, Error> {
        let OpSpec { channels, stride, style } = spec;
        match self.expand {
            Expand::Noise => b.push(format!("{path}.noise"), Layer::Noise { stride }, &[x]),
            Expand::Plain(kernel) => {
                let conv = Layer::Conv2d(Conv2d::same(channels, kernel, stride));
                b.chain(path, x, vec![("relu", RELU), ("conv", conv), ("bn", style.norm())])
            }
            Expand::Zero => b.push(format!("{path}.zero"), Layer::Zero { stride }, &[x]),
            Expand::MaxPool => pool(b, path, x, Layer::MaxPool(window(stride)), style),
            Expand::AvgPool => pool(b, path, x, Layer::AvgPool(window(stride)), style),
            Expand::Skip if stride == 1 => Ok(x),
            Expand::Skip => factorized_reduce(b, path, x, channels, style),
            Expand::Separable(kernel) => {
                let first = half(b, path, "1", x, Conv2d::depthwise(channels, kernel, stride, 1), style)?;
                half(b, path, "2", first, Conv2d::depthwise(channels, kernel, 1, 1), style)
            }
            Expand::Dilated(kernel) => {
                half(b, path, "", x, Conv2d::depthwise(channels, kernel, stride, 2), style)
            }
            Expand::Factorized7 => {
                let across = line(channels, [1, 7], [1, stride]);
                let down = line(channels, [7, 1], [stride, 1]);
                b.chain(path, x, vec![("relu", RELU), ("conv1", across), ("conv2", down), ("bn", style.norm())])
            }
        }
    }
}

const fn window(stride: usize) -> Pool {
    Pool { kernel: 3, stride, padding: 1 }
}

fn pool(b: &mut Builder, path: &str, x: NodeId, pool: Layer, style: Style) -> Result<NodeId, Error> {
    let mut parts = vec![("pool", pool)];
    if style == Style::Search {
        parts.push(("bn", style.norm()));
    }
    b.chain(path, x, parts)
}

/// `ReLU`, depthwise, pointwise, BN: half of a separable convolution, all of a dilated one.
fn half(
    b: &mut Builder,
    path: &str,
    nth: &str,
    x: NodeId,
    depthwise: Conv2d,
    style: Style,
) -> Result<NodeId, Error> {
    let pointwise = Layer::Conv2d(Conv2d::pointwise(depthwise.out));
    let names = ["relu", "dw", "pw", "bn"].map(|part| format!("{part}{nth}"));
    let layers = [RELU, Layer::Conv2d(depthwise), pointwise, style.norm()];
    b.chain(path, x, names.iter().map(String::as_str).zip(layers).collect())
}

/// A one-row or one-column convolution that keeps the size at stride 1.
const fn line(channels: usize, kernel: [usize; 2], stride: [usize; 2]) -> Layer {
    let padding = [kernel[0] / 2, kernel[1] / 2];
    Layer::Conv2d(Conv2d { kernel, stride, padding, ..Conv2d::pointwise(channels) })
}

/// `ReLU`, 1x1 convolution, BN: how a cell prepares each of its inputs.
///
/// # Errors
/// As [`Builder::push`].
pub fn relu_conv_bn(
    b: &mut Builder,
    path: &str,
    x: NodeId,
    channels: usize,
    style: Style,
) -> Result<NodeId, Error> {
    let conv = Layer::Conv2d(Conv2d::pointwise(channels));
    b.chain(path, x, vec![("relu", RELU), ("conv", conv), ("bn", style.norm())])
}

/// Halves height and width without losing pixels: two strided 1x1 convolutions, the second shifted by one pixel.
///
/// # Errors
/// When height, width or `channels` is odd.
pub fn factorized_reduce(
    b: &mut Builder,
    path: &str,
    x: NodeId,
    channels: usize,
    style: Style,
) -> Result<NodeId, Error> {
    check_even(path, b.shape(x), channels)?;
    let strided = Layer::Conv2d(Conv2d { stride: [2, 2], ..Conv2d::pointwise(channels / 2) });
    let relu = b.push(format!("{path}.relu"), RELU, &[x])?;
    let even = b.push(format!("{path}.conv1"), strided.clone(), &[relu])?;
    let shifted = b.push(format!("{path}.crop"), Layer::CropFirst, &[relu])?;
    let odd = b.push(format!("{path}.conv2"), strided, &[shifted])?;
    let both = b.push(format!("{path}.concat"), Layer::Concat, &[even, odd])?;
    b.push(format!("{path}.bn"), style.norm(), &[both])
}

fn check_even(path: &str, input: Shape, channels: usize) -> Result<(), Error> {
    let sizes = [input.dims()[1..].to_vec(), vec![channels]].concat();
    if sizes.iter().all(|size| size % 2 == 0) {
        return Ok(());
    }
    Err(Error::Shape {
        path: path.into(),
        layer: "factorized reduce",
        expected: "even height, width and output channels".into(),
        found: format!("{input} to {channels} channels; choose an input size divisible by 4"),
    })
}
