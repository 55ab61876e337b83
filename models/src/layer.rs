//! The closed set of layers that networks are made of.
//!
//! A new kind touches every reader's match (shapes, cost, libtorch, ONNX); none has a `_` arm, so the
//! compiler lists them.

use crate::shape::Shape;

/// A 2-D convolution. The number of input channels is that of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv2d {
    /// Output channels.
    pub out: usize,
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Stride, vertical and horizontal.
    pub stride: [usize; 2],
    /// Zero padding on both sides, vertical and horizontal.
    pub padding: [usize; 2],
    /// Dilation, vertical and horizontal.
    pub dilation: [usize; 2],
    /// Groups; equal to the input channels for a depthwise convolution.
    pub groups: usize,
    /// Whether it has a bias. Convolutions followed by batch normalisation have none.
    pub bias: bool,
}

impl Conv2d {
    /// A square convolution that keeps the size at stride 1: padding `kernel / 2`, no bias.
    #[must_use]
    pub const fn same(out: usize, kernel: usize, stride: usize) -> Self {
        Self {
            out,
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [kernel / 2; 2],
            dilation: [1; 2],
            groups: 1,
            bias: false,
        }
    }

    /// A 1x1 convolution, no bias.
    #[must_use]
    pub const fn pointwise(out: usize) -> Self {
        Self::same(out, 1, 1)
    }

    /// A depthwise convolution that keeps the size at stride 1, no bias.
    #[must_use]
    pub const fn depthwise(channels: usize, kernel: usize, stride: usize, dilation: usize) -> Self {
        Self {
            padding: [dilation * (kernel - 1) / 2; 2],
            dilation: [dilation; 2],
            groups: channels,
            ..Self::same(channels, kernel, stride)
        }
    }
}

/// Batch normalisation over channels.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm {
    /// Whether it has a trained gain and shift. Off in supernets except in the stem.
    pub affine: bool,
    /// Weight of the new batch in the running statistics.
    pub momentum: f64,
    /// Added to the variance.
    pub eps: f64,
}

impl BatchNorm {
    /// `PyTorch`'s defaults, which every network of the paper uses: momentum 0.1, eps 1e-5.
    #[must_use]
    pub const fn new(affine: bool) -> Self {
        Self { affine, momentum: 0.1, eps: 1e-5 }
    }
}

/// A pooling window.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Window height and width.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Padding on all sides; averages do not count it.
    pub padding: usize,
}

/// Element-wise nonlinearities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// min(max(x, 0), 6)
    Relu6,
    /// x · sigmoid(x), also called `SiLU`
    Swish,
    /// x · min(max(x + 3, 0), 6) / 6
    HardSwish,
    /// 1 / (1 + exp(−x))
    Sigmoid,
    /// min(max(x + 3, 0), 6) / 6
    HardSigmoid,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// The image; the first node of every network.
    Input,
    /// 2-D convolution.
    Conv2d(Conv2d),
    /// Batch normalisation.
    BatchNorm(BatchNorm),
    /// Fully connected layer with bias on a vector: this many outputs.
    Linear(usize),
    /// Element-wise nonlinearity.
    Activation(Activation),
    /// Largest value of each window.
    MaxPool(Pool),
    /// Mean of each window's pixels, padding not counted.
    AvgPool(Pool),
    /// Mean over height and width: `[C, H, W]` to `[C, 1, 1]`.
    GlobalAvgPool,
    /// `[C, H, W]` to a vector.
    Flatten,
    /// Drops the first row and the first column: `x[:, :, 1:, 1:]`, the shifted half of `FactorizedReduce`.
    CropFirst,
    /// A run of channels: `x[:, start..start + count]`, a part of a mixed convolution.
    Channels {
        /// The first channel.
        start: usize,
        /// How many.
        count: usize,
    },
    /// Channels in another order, `[g · C / groups + i]` to `[i · groups + g]`: neighbours in the result come from different
    /// groups (`ShuffleNet`; PC-DARTS mixes searched and bypassed channels with it).
    Shuffle {
        /// How many runs of channels are dealt out; they divide the channels.
        groups: usize,
    },
    /// Zeros in the (strided) shape of the input: the `none` operation.
    Zero {
        /// Stride of the output against the input.
        stride: usize,
    },
    /// Fresh draws of N(0, 1) in the (strided) shape of the input, at every pass, evaluation too: the operation of
    /// `RobustDARTS`'s space S4 that carries nothing.
    Noise {
        /// Stride of the output against the input.
        stride: usize,
    },
    /// Sum of all inputs, which have one shape.
    Add,
    /// Concatenation along channels.
    Concat,
    /// Product of a map `[C, H, W]` and a gate `[C, 1, 1]` (squeeze-and-excitation).
    Scale,
    /// A choice point of a supernet: the weighted sum of its inputs, the candidate operations.
    Mix(Mix),
    /// Training only: drops a sample's whole activation with the scheduled probability, else divides by the rest.
    DropPath,
    /// Training only: dropout of single elements with this probability.
    Dropout(f64),
}

/// Where a choice point finds its mixing weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Index into [`crate::network::Network::tables`].
    pub table: usize,
    /// Row of that table; its operations are the node's inputs, in order.
    pub row: usize,
}

/// What a stored tensor of a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Weight of a convolution `[out, in / groups, kh, kw]` or of a linear layer `[out, in]`.
    Weight,
    /// Bias `[out]`.
    Bias,
    /// Gain of a batch normalisation `[C]`.
    Gain,
    /// Shift of a batch normalisation `[C]`.
    Shift,
    /// Running mean `[C]`; a statistic, not trained.
    RunningMean,
    /// Running variance `[C]`; a statistic, not trained.
    RunningVar,
}

impl Role {
    /// Whether the optimiser trains it.
    #[must_use]
    pub const fn is_trained(self) -> bool {
        !matches!(self, Self::RunningMean | Self::RunningVar)
    }

    /// The last part of the tensor's name, as `PyTorch` calls it.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Weight | Self::Gain => "weight",
            Self::Bias | Self::Shift => "bias",
            Self::RunningMean => "running_mean",
            Self::RunningVar => "running_var",
        }
    }
}

/// A tensor that a layer stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// What it is for.
    pub role: Role,
    /// Its dimensions.
    pub dims: Vec<usize>,
}

impl TensorSpec {
    fn new(role: Role, dims: &[usize]) -> Self {
        Self { role, dims: dims.to_vec() }
    }

    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }
}

impl Layer {
    /// A short name of the kind, for tables and messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Conv2d(_) => "conv",
            Self::BatchNorm(_) => "batch norm",
            Self::Linear(_) => "linear",
            Self::Activation(Activation::Relu) => "relu",
            Self::Activation(Activation::Relu6) => "relu6",
            Self::Activation(Activation::Swish) => "swish",
            Self::Activation(Activation::HardSwish) => "hard swish",
            Self::Activation(Activation::Sigmoid) => "sigmoid",
            Self::Activation(Activation::HardSigmoid) => "hard sigmoid",
            Self::MaxPool(_) => "max pool",
            Self::AvgPool(_) => "avg pool",
            Self::GlobalAvgPool => "global avg pool",
            Self::Flatten => "flatten",
            Self::CropFirst => "crop",
            Self::Channels { .. } => "channels",
            Self::Shuffle { .. } => "shuffle",
            Self::Zero { .. } => "zero",
            Self::Noise { .. } => "noise",
            Self::Add => "add",
            Self::Concat => "concat",
            Self::Scale => "scale",
            Self::Mix(_) => "mix",
            Self::DropPath => "drop path",
            Self::Dropout(_) => "dropout",
        }
    }

    /// The tensors the layer stores, given the shape of its first input.
    #[must_use]
    pub fn tensors(&self, input: Shape) -> Vec<TensorSpec> {
        match self {
            Self::Conv2d(conv) => {
                let [kh, kw] = conv.kernel;
                let weight = [conv.out, input.channels() / conv.groups, kh, kw];
                let mut specs = vec![TensorSpec::new(Role::Weight, &weight)];
                specs.extend(conv.bias.then(|| TensorSpec::new(Role::Bias, &[conv.out])));
                specs
            }
            Self::Linear(out) => vec![
                TensorSpec::new(Role::Weight, &[*out, input.channels()]),
                TensorSpec::new(Role::Bias, &[*out]),
            ],
            Self::BatchNorm(norm) => {
                let channels = [input.channels()];
                let trained = [Role::Gain, Role::Shift];
                let roles = if norm.affine { &trained[..] } else { &[] };
                roles
                    .iter()
                    .chain(&[Role::RunningMean, Role::RunningVar])
                    .map(|&role| TensorSpec::new(role, &channels))
                    .collect()
            }
            Self::Input
            | Self::Activation(_)
            | Self::MaxPool(_)
            | Self::AvgPool(_)
            | Self::GlobalAvgPool
            | Self::Flatten
            | Self::CropFirst
            | Self::Channels { .. }
            | Self::Shuffle { .. }
            | Self::Zero { .. }
            | Self::Noise { .. }
            | Self::Add
            | Self::Concat
            | Self::Scale
            | Self::Mix(_)
            | Self::DropPath
            | Self::Dropout(_) => Vec::new(),
        }
    }
}
