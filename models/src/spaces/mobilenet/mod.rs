//! Mobile networks: a stem, a row of inverted-bottleneck blocks, a head.
//!
//! The form of `MobileNetV2` (Sandler et al. 2018) with the squeeze-and-excitation, activations and heads that
//! its successors added; the 19-block network of the paper's `ImageNet` search is one of them.

pub mod block;
mod build;
mod choices;
mod names;
mod space;
mod text;
mod width;

use serde::{Deserialize, Deserializer, de};

pub use block::Block;
pub use choices::backbone;
pub(crate) use choices::choice_of;
pub use space::Mobile;
pub use text::is_text;

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
    /// The blocks; in data files as timm's strings.
    #[serde(deserialize_with = "blocks")]
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

fn square<'de, D: Deserializer<'de>>(from: D) -> Result<[usize; 2], D::Error> {
    usize::deserialize(from).map(|size| [size; 2])
}

fn some_activation<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Activation>, D::Error> {
    activation(from).map(Some)
}

fn activation<'de, D: Deserializer<'de>>(from: D) -> Result<Activation, D::Error> {
    names::activation_by_name(&String::deserialize(from)?).map_err(de::Error::custom)
}

fn blocks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Block>, D::Error> {
    let strings: Vec<String> = Vec::deserialize(from)?;
    let blocks: Result<Vec<Vec<Block>>, String> = strings.iter().map(|text| block::parse(text)).collect();
    blocks.map(|blocks| blocks.concat()).map_err(|problem| de::Error::custom(format!("expected {problem}")))
}

#[cfg(test)]
mod tests;
