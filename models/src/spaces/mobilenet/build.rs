//! From the blocks of a mobile network to its nodes.

use super::width::divisible;
use super::{Block, MobileNet, Reference, Squeeze};
use crate::error::Error;
use crate::layer::{Activation, BatchNorm, Conv2d, Layer};
use crate::network::{Builder, Network, NodeId};
use crate::shape::Shape;
use crate::spaces::skeleton::{CHANNELS, PIXELS, bounded};

impl MobileNet {
    /// The network. Input `[3, H, W]`, output the logits of its classes.
    ///
    /// # Errors
    /// When a size does not fit; names the node or the size.
    pub fn network(&self, name: &str) -> Result<Network, Error> {
        self.check()?;
        let [height, width] = self.size;
        let mut b = Builder::new(name, Shape::map(3, height, width));
        let mut x = self.stem(&mut b)?;
        for (index, block) in self.blocks.iter().enumerate() {
            x = self.block(&mut b, &format!("layers.{index}"), x, block)?;
        }
        self.head(&mut b, x)?;
        b.finish()
    }

    pub(super) fn stem(&self, b: &mut Builder) -> Result<NodeId, Error> {
        let image = b.input();
        let act = self.stem.activation.unwrap_or(self.activation);
        conv_bn_act(b, "stem", image, Conv2d::same(self.stem.channels, 3, 2), act)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        bounded("classes", self.classes, CHANNELS)?;
        self.size.iter().try_for_each(|&side| bounded("pixels", side, PIXELS))?;
        let ends = [self.stem.channels, self.head.channels, self.head.hidden.unwrap_or(1)];
        ends.iter().try_for_each(|&channels| bounded("channels", channels, CHANNELS))?;
        for block in &self.blocks {
            bounded("channels", block.channels, CHANNELS)?;
            block.kernels.iter().try_for_each(|kernel| {
                size("kernel", kernel, "an odd number, at most 1001", kernel % 2 == 1 && *kernel <= 1001)
            })?;
            let expansion = block.expansion.unwrap_or(1.0);
            size("expansion", &expansion, "above 0, at most 100", expansion > 0.0 && expansion <= 100.0)?;
            if let Some(ratio) = block.se {
                size("squeeze ratio", &ratio, "above 0, at most 1, and a form", {
                    ratio > 0.0 && ratio <= 1.0 && self.squeeze.is_some()
                })?;
            }
        }
        Ok(())
    }

    pub(super) fn block(
        &self,
        b: &mut Builder,
        path: &str,
        input: NodeId,
        block: &Block,
    ) -> Result<NodeId, Error> {
        let act = block.activation.unwrap_or(self.activation);
        let channels = b.shape(input).channels();
        let [expand_groups, project_groups] = block.groups;
        let mut expanded = channels;
        let mut x = input;
        if let Some(expansion) = block.expansion {
            expanded = divisible(channels as f64 * expansion, EXPANDED_DIVISOR);
            let expand = Conv2d { groups: expand_groups, ..Conv2d::pointwise(expanded) };
            x = conv_bn_act(b, &format!("{path}.expand"), x, expand, act)?;
        }
        x = depthwise(b, &format!("{path}.depthwise"), x, block)?;
        x = b.chain(&format!("{path}.depthwise"), x, vec![("bn", norm()), ("act", Layer::Activation(act))])?;
        if let (Some(squeeze), Some(ratio)) = (&self.squeeze, block.se) {
            let reference = if squeeze.of == Reference::Input { channels } else { expanded };
            x = squeeze.build(b, &format!("{path}.se"), x, squeeze.channels(reference, ratio))?;
        }
        let project = Layer::Conv2d(Conv2d { groups: project_groups, ..Conv2d::pointwise(block.channels) });
        x = b.chain(&format!("{path}.project"), x, vec![("conv", project), ("bn", norm())])?;
        let residual = block.residual && b.shape(x) == b.shape(input);
        if residual { b.push(format!("{path}.add"), Layer::Add, &[input, x]) } else { Ok(x) }
    }

    pub(super) fn head(&self, b: &mut Builder, x: NodeId) -> Result<(), Error> {
        let act = self.head.activation.unwrap_or(self.activation);
        let x = conv_bn_act(b, "head", x, Conv2d::pointwise(self.head.channels), act)?;
        let mut parts = vec![("pool", Layer::GlobalAvgPool)];
        if let Some(hidden) = self.head.hidden {
            parts.push(("hidden", biased(hidden)));
            parts.push(("hidden_act", Layer::Activation(act)));
        }
        parts.push(("flatten", Layer::Flatten));
        if self.head.dropout > 0.0 {
            parts.push(("dropout", Layer::Dropout(self.head.dropout)));
        }
        parts.push(("linear", Layer::Linear(self.classes)));
        let logits = b.chain("head", x, parts)?;
        b.output("logits", logits);
        Ok(())
    }
}

impl Squeeze {
    /// The squeezed channels at this ratio of these channels, rounded as `MobileNetV3` does.
    pub(super) fn channels(&self, reference: usize, ratio: f64) -> usize {
        divisible(reference as f64 * ratio, self.divisor)
    }

    fn build(&self, b: &mut Builder, path: &str, x: NodeId, squeezed: usize) -> Result<NodeId, Error> {
        let parts = vec![
            ("pool", Layer::GlobalAvgPool),
            ("reduce", biased(squeezed)),
            ("act", Layer::Activation(self.activation)),
            ("expand", biased(b.shape(x).channels())),
            ("gate", Layer::Activation(self.gate)),
        ];
        let gate = b.chain(path, x, parts)?;
        b.push(format!("{path}.scale"), Layer::Scale, &[x, gate])
    }
}

/// Expanded channels are rounded to a multiple of this, as timm does; published expansions give such multiples anyway.
const EXPANDED_DIVISOR: usize = 8;

/// A depthwise convolution, or several on a share of the channels each, the first one taking what is left over (`MixNet`,
/// Tan and Le 2019).
fn depthwise(b: &mut Builder, path: &str, x: NodeId, block: &Block) -> Result<NodeId, Error> {
    let channels = b.shape(x).channels();
    if let [kernel] = block.kernels[..] {
        let conv = Layer::Conv2d(Conv2d::depthwise(channels, kernel, block.stride, 1));
        return b.push(format!("{path}.conv"), conv, &[x]);
    }
    let share = channels / block.kernels.len().max(1);
    let mut parts = Vec::new();
    let mut start = 0;
    for (nth, &kernel) in block.kernels.iter().enumerate() {
        let count = if nth == 0 { channels - share * (block.kernels.len() - 1) } else { share };
        let conv = Layer::Conv2d(Conv2d::depthwise(count, kernel, block.stride, 1));
        let layers = vec![("channels", Layer::Channels { start, count }), ("conv", conv)];
        parts.push(b.chain(&format!("{path}.{nth}"), x, layers)?);
        start += count;
    }
    b.push(format!("{path}.concat"), Layer::Concat, &parts)
}

const fn norm() -> Layer {
    Layer::BatchNorm(BatchNorm::new(true))
}

/// A 1x1 convolution with bias: a fully connected layer on a map of one pixel.
const fn biased(out: usize) -> Layer {
    Layer::Conv2d(Conv2d { bias: true, ..Conv2d::pointwise(out) })
}

fn conv_bn_act(b: &mut Builder, path: &str, x: NodeId, conv: Conv2d, act: Activation) -> Result<NodeId, Error> {
    b.chain(path, x, vec![("conv", Layer::Conv2d(conv)), ("bn", norm()), ("act", Layer::Activation(act))])
}

fn size(what: &'static str, found: &impl ToString, expected: &str, fits: bool) -> Result<(), Error> {
    if fits { Ok(()) } else { Err(Error::Size { what, expected: expected.into(), found: found.to_string() }) }
}
