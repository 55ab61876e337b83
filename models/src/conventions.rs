//! Multiply-adds and parameters as papers and tools count them: one network, several numbers, each with its rule.
//!
//! The rules of the tools were checked against the tools themselves; per image, in evaluation. The means of
//! squeeze-and-excitation are not counted by them as pools, because implementations write them as plain means.

use serde::Serialize;

use crate::cost;
use crate::layer::Layer;
use crate::network::{Network, NodeId};

/// Multiply-adds by convention, for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Macs {
    /// Convolutions and linear layers without bias: what the papers print, whatever they call it.
    pub conv_linear: u64,
    /// Also one addition per element that squeeze-and-excitation averages.
    pub with_se_pool: u64,
    /// thop 0.1: also 4 operations per batch-norm element, 1 per output of an average pool, 1 per input and output of
    /// a global one.
    pub thop_0_1: u64,
    /// thop before 0.1: 2 operations per batch-norm element instead of 4.
    pub thop_old: u64,
    /// fvcore: also 2 operations per batch-norm element and 1 per input of a global average pool.
    pub fvcore: u64,
}

/// Parameters in the senses in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// All that are trained, those of the auxiliary head too.
    pub trained: u64,
    /// Those of the network that is shipped.
    pub without_aux: u64,
    /// Those of them that are gains and shifts of batch norms.
    pub batch_norm: u64,
    /// Numbers that remain when batch norms are folded into what stands before them.
    pub deployed: u64,
}

/// Elements that the conventions differ in, for one image.
#[derive(Default)]
struct Elements {
    batch_norm: u64,
    average_pool: u64,
    /// Into the means of squeeze-and-excitation.
    squeezed: u64,
    /// Into and out of the other global pools.
    global_in: u64,
    global_out: u64,
}

impl Macs {
    /// Counts a network, without its auxiliary head.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let network = network.inference();
        let conv_linear = cost::total(&network).macs;
        let elements = Elements::of(&network);
        let thop = |per_element| {
            let pools = elements.average_pool + elements.global_in + elements.global_out;
            conv_linear + per_element * elements.batch_norm + pools
        };
        Self {
            conv_linear,
            with_se_pool: conv_linear + elements.squeezed,
            thop_0_1: thop(4),
            thop_old: thop(2),
            fvcore: conv_linear + 2 * elements.batch_norm + elements.global_in,
        }
    }

    /// For this many images.
    #[must_use]
    pub const fn times(self, images: u64) -> Self {
        let Self { conv_linear, with_se_pool, thop_0_1, thop_old, fvcore } = self;
        Self {
            conv_linear: conv_linear * images,
            with_se_pool: with_se_pool * images,
            thop_0_1: thop_0_1 * images,
            thop_old: thop_old * images,
            fvcore: fvcore * images,
        }
    }
}

impl Parameters {
    /// Counts a network.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let shipped = network.inference();
        let cost = cost::total(&shipped);
        Self {
            trained: cost::total(network).parameters,
            without_aux: cost.parameters,
            batch_norm: cost.norm_parameters,
            // A convolution before it takes the gain into its weights; the shift becomes its bias.
            deployed: cost.parameters - cost.norm_parameters / 2,
        }
    }
}

impl Elements {
    fn of(network: &Network) -> Self {
        let squeezes: Vec<NodeId> = squeezes(network).collect();
        let mut elements = Self::default();
        for (id, node) in network.nodes.iter().enumerate() {
            let count = node.shape.elements() as u64;
            match node.layer {
                Layer::BatchNorm(_) => elements.batch_norm += count,
                Layer::AvgPool(_) => elements.average_pool += count,
                Layer::GlobalAvgPool => {
                    let averaged = network.nodes[node.inputs[0]].shape.elements() as u64;
                    if squeezes.contains(&id) {
                        elements.squeezed += averaged;
                    } else {
                        elements.global_in += averaged;
                        elements.global_out += count;
                    }
                }
                _ => {}
            }
        }
        elements
    }
}

/// The global pools that the gates of squeeze-and-excitation begin with.
fn squeezes(network: &Network) -> impl Iterator<Item = NodeId> {
    let scales = network.nodes.iter().filter(|node| node.layer == Layer::Scale);
    scales.filter_map(|scale| pool_of_gate(network, scale.inputs[1]))
}

/// The global pool that a gate begins with, found by going back from its end.
fn pool_of_gate(network: &Network, mut at: NodeId) -> Option<NodeId> {
    while network.nodes[at].layer != Layer::GlobalAvgPool {
        at = *network.nodes[at].inputs.first()?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo::{self, Options};

    fn macs(name: &str, options: &Options) -> Macs {
        Macs::of(&zoo::network(name, options).unwrap())
    }

    /// Millions to two decimals, rounded.
    fn millions(count: u64) -> String {
        format!("{:.2}", count as f64 / 1e6)
    }

    #[test]
    fn the_published_449_million_are_446_67_and_the_squeeze_pools() {
        let macs = macs("noisydarts-mobile-a-se", &Options::default());
        assert_eq!(macs.conv_linear, 446_669_312);
        assert_eq!(macs.with_se_pool - macs.conv_linear, 2_333_184);
        let plain = Macs::of(&zoo::network("noisydarts-mobile-a", &Options::default()).unwrap());
        assert_eq!(plain.with_se_pool, plain.conv_linear);
    }

    /// The README of `NoisyDARTS` mixes two rules: what it prints is below, without decimals, rounded or cut off.
    #[test]
    fn all_ten_rows_of_the_noisydarts_readme_follow() {
        let rows = [
            ("a", 534, 4),
            ("b", 511, 4),
            ("c", 539, 2),
            ("d", 501, 2),
            ("e", 539, 4),
            ("f", 443, 4),
            ("g", 549, 4),
            ("h", 511, 4),
            ("i", 495, 2),
            ("j", 476, 2),
        ];
        for (letter, published, operations) in rows {
            let macs = macs(&format!("noisydarts-{letter}"), &Options::default());
            let counted = if operations == 4 { macs.thop_0_1 } else { macs.thop_old };
            let fits = [counted, counted + 500_000].iter().any(|count| count / 1_000_000 == published);
            assert!(fits, "noisydarts-{letter}: {counted} for {published}");
        }
    }

    /// What the tools themselves say about the same networks in `PyTorch`, to two decimals of a million.
    #[test]
    fn tools_are_reproduced() {
        let cifar = Options::default();
        for (name, options, thop, fvcore) in [
            ("noisydarts-a", cifar, "534.04", "523.97"),
            ("darts-v2", cifar, "549.85", "539.12"),
            ("mobilenet-v2", cifar, "327.55", "314.19"),
            ("mobilenet-v2-1.4", cifar, "620.58", "601.43"),
            ("noisydarts-mobile-a", cifar, "477.40", "461.74"),
            ("noisydarts-mobile-a-se", cifar, "478.06", "462.39"),
            ("mobilenet-v3-small", cifar, "62.19", "59.36"),
            ("mobilenet-v3-large", cifar, "234.24", "225.44"),
            ("mnasnet-b1", cifar, "336.31", "325.39"),
            ("mnasnet-a1", cifar, "336.53", "324.09"),
            ("efficientnet-b0", cifar, "412.83", "399.35"),
        ] {
            let macs = macs(name, &options);
            assert_eq!([millions(macs.thop_0_1), millions(macs.fvcore)], [thop, fvcore], "{name}");
        }
        // The global pool of this skeleton is written as a 7x7 average pool, which fvcore does not count.
        let imagenet = macs("darts-v2", &Options::imagenet());
        assert_eq!(millions(imagenet.thop_0_1), "546.51");
        assert_eq!(millions(imagenet.fvcore - 768 * 7 * 7), "538.19");
    }

    #[test]
    fn parameters_tell_the_auxiliary_head_and_batch_norms_apart() {
        let whole = zoo::network("darts-v2", &Options { auxiliary: true, ..Options::default() }).unwrap();
        let parameters = Parameters::of(&whole);
        assert_eq!(parameters.trained - parameters.without_aux, 476_426);
        assert_eq!((parameters.without_aux, parameters.deployed), (3_349_342, 3_329_146));
        let mobile = Parameters::of(&zoo::network("noisydarts-mobile-a-se", &Options::default()).unwrap());
        assert_eq!((mobile.trained, mobile.deployed), (5_547_124, 5_523_396));
    }
}
