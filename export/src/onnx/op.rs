//! The operators we write, as of operator set 17: <https://onnx.ai/onnx/operators/>.

use models::layer::{Conv2d, Pool};

use super::attr::{Attr, float, int, ints};

/// An operator with its settings.
pub(crate) trait Op {
    /// Its name in the standard.
    const TYPE: &'static str;

    /// Its settings; none for most.
    fn attributes(&self) -> Vec<Attr> {
        Vec::new()
    }
}

/// 2-D convolution of an image, a weight and optionally a bias.
pub(crate) struct Conv<'a>(pub(crate) &'a Conv2d);

impl Op for Conv<'_> {
    const TYPE: &'static str = "Conv";

    fn attributes(&self) -> Vec<Attr> {
        let [top, left] = self.0.padding;
        vec![
            ints("dilations", &self.0.dilation),
            int("group", self.0.groups as i64),
            ints("kernel_shape", &self.0.kernel),
            ints("pads", &[top, left, top, left]),
            ints("strides", &self.0.stride),
        ]
    }
}

/// `x · weightᵀ + bias`, the linear layer of `PyTorch`.
pub(crate) struct Gemm;

impl Op for Gemm {
    const TYPE: &'static str = "Gemm";

    fn attributes(&self) -> Vec<Attr> {
        vec![float("alpha", 1.0), float("beta", 1.0), int("transA", 0), int("transB", 1)]
    }
}

/// Largest value of each window.
pub(crate) struct MaxPool<'a>(pub(crate) &'a Pool);

impl Op for MaxPool<'_> {
    const TYPE: &'static str = "MaxPool";

    fn attributes(&self) -> Vec<Attr> {
        let mut attributes = window(self.0);
        attributes.extend([ints("dilations", &[1, 1]), int("storage_order", 0)]);
        attributes
    }
}

/// Mean of each window's pixels, padding not counted.
pub(crate) struct AveragePool<'a>(pub(crate) &'a Pool);

impl Op for AveragePool<'_> {
    const TYPE: &'static str = "AveragePool";

    fn attributes(&self) -> Vec<Attr> {
        let mut attributes = window(self.0);
        attributes.push(int("count_include_pad", 0));
        attributes
    }
}

fn window(pool: &Pool) -> Vec<Attr> {
    vec![
        int("ceil_mode", 0),
        ints("kernel_shape", &[pool.kernel; 2]),
        ints("pads", &[pool.padding; 4]),
        ints("strides", &[pool.stride; 2]),
    ]
}

/// Concatenation along the channels.
pub(crate) struct Concat;

impl Op for Concat {
    const TYPE: &'static str = "Concat";

    fn attributes(&self) -> Vec<Attr> {
        vec![int("axis", 1)]
    }
}

/// `min(max(x / 6 + 1 / 2, 0), 1)`.
pub(crate) struct HardSigmoid;

impl Op for HardSigmoid {
    const TYPE: &'static str = "HardSigmoid";

    fn attributes(&self) -> Vec<Attr> {
        vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)]
    }
}

/// A value in another shape; -1 stands for what is left.
pub(crate) struct Reshape;

impl Op for Reshape {
    const TYPE: &'static str = "Reshape";

    fn attributes(&self) -> Vec<Attr> {
        vec![int("allowzero", 0)]
    }
}

/// An operator without settings.
macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl Op for $name {
            const TYPE: &'static str = stringify!($name);
        }
    )+};
}

plain! {
    /// Sum of two values.
    Add,
    /// Product of two values, either of which may be spread over the other.
    Mul,
    /// Quotient of two values.
    Div,
    /// max(x, 0)
    Relu,
    /// 1 / (1 + exp(−x))
    Sigmoid,
    /// x · min(max(x / 6 + 1 / 2, 0), 1)
    HardSwish,
    /// A value limited to a least and a greatest number.
    Clip,
    /// Mean over height and width.
    GlobalAveragePool,
    /// A part of a value: starts, ends, axes, steps.
    Slice,
}
