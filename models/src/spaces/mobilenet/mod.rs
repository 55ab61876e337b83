//! Mobile networks: a stem, a row of inverted-bottleneck blocks, a head.
//!
//! The form of `MobileNetV2` (Sandler et al. 2018) with the squeeze-and-excitation, activations and heads that
//! its successors added; the 19-block network of the paper's `ImageNet` search is one of them.

mod build;

use serde::{Deserialize, Deserializer, de};

use crate::error::suggestion;
use crate::layer::Activation;

/// A mobile network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MobileNet {
    /// Input height and width in pixels; the picture has three channels.
    #[serde(deserialize_with = "square")]
    pub size: [usize; 2],
    /// Number of classes.
    pub classes: usize,
    /// The activation of every part that names no other.
    #[serde(deserialize_with = "activation")]
    pub activation: Activation,
    /// The form of squeeze-and-excitation, in the blocks that have it.
    pub squeeze: Option<Squeeze>,
    /// The first convolution, 3x3 at stride 2.
    pub stem: Stem,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// What follows the blocks.
    pub head: Head,
}

/// The first convolution.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stem {
    /// Output channels.
    pub channels: usize,
    /// Its activation, where it is not the network's.
    #[serde(default, deserialize_with = "some_activation")]
    pub activation: Option<Activation>,
}

/// An inverted bottleneck: 1x1 expansion, depthwise convolution, squeeze-and-excitation, linear 1x1 projection.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Height and width of the depthwise kernel, odd.
    pub kernel: usize,
    /// Expanded channels over input channels; at 1 there is no expansion convolution.
    pub expansion: f64,
    /// Output channels.
    pub channels: usize,
    /// Stride of the depthwise convolution.
    pub stride: usize,
    /// Squeezed channels over those that [`Squeeze::of`] names; none without squeeze-and-excitation.
    pub se: Option<f64>,
    /// Its activation, where it is not the network's.
    #[serde(default, deserialize_with = "some_activation")]
    pub activation: Option<Activation>,
    /// Whether the input is added to the output where their shapes are equal.
    #[serde(default = "yes")]
    pub residual: bool,
}

/// Squeeze-and-excitation (Hu et al. 2018): a gate on the expanded channels, computed from their means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Squeeze {
    /// The channels that the blocks' ratios refer to.
    pub of: Reference,
    /// The activation between the two convolutions.
    #[serde(deserialize_with = "activation")]
    pub activation: Activation,
    /// The activation that gives the gate.
    #[serde(deserialize_with = "activation")]
    pub gate: Activation,
    /// Squeezed channels are rounded to a multiple of this, never below nine tenths of the ratio.
    pub divisor: usize,
}

/// The channels of a block that a ratio refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// Those of the block's input.
    Input,
    /// Those of the depthwise convolution.
    Expanded,
}

/// What follows the blocks: 1x1 convolution, mean over the map, a hidden layer where there is one, classifier.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Channels of the 1x1 convolution.
    pub channels: usize,
    /// Features of the hidden layer behind the mean, none without one (`MobileNetV3` has one).
    pub hidden: Option<usize>,
    /// Its activation, where it is not the network's.
    #[serde(default, deserialize_with = "some_activation")]
    pub activation: Option<Activation>,
    /// Dropout before the classifier, in training only.
    #[serde(default)]
    pub dropout: f64,
}

const fn yes() -> bool {
    true
}

fn square<'de, D: Deserializer<'de>>(from: D) -> Result<[usize; 2], D::Error> {
    usize::deserialize(from).map(|size| [size; 2])
}

fn some_activation<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Activation>, D::Error> {
    activation(from).map(Some)
}

fn activation<'de, D: Deserializer<'de>>(from: D) -> Result<Activation, D::Error> {
    let name = String::deserialize(from)?;
    let found = ACTIVATIONS.iter().find(|(known, _)| *known == name);
    found.map(|&(_, activation)| activation).ok_or_else(|| {
        let known = ACTIVATIONS.map(|(known, _)| known);
        de::Error::custom(format!("unknown activation {name:?}{}", suggestion(&name, &known)))
    })
}

const ACTIVATIONS: [(&str, Activation); 6] = [
    ("relu", Activation::Relu),
    ("relu6", Activation::Relu6),
    ("swish", Activation::Swish),
    ("hard-swish", Activation::HardSwish),
    ("sigmoid", Activation::Sigmoid),
    ("hard-sigmoid", Activation::HardSigmoid),
];

#[cfg(test)]
mod tests;
