//! Multiply-adds and parameters as papers and tools count them: one network, several numbers, each with its rule.
//!
//! A network is counted once, into [`Terms`]; a [`Convention`] says how often it counts each of them. The rules of the
//! tools were checked against the tools themselves; per image, in evaluation. The means of squeeze-and-excitation
//! are not counted by them as pools, because implementations write them as plain means.

mod network;
mod terms;

use serde::Serialize;

pub use network::per_node;
pub use terms::{Term, Terms};

use crate::cost;
use crate::network::Network;

/// A way of counting multiply-adds: how often each term counts.
#[derive(Debug, PartialEq, Eq)]
pub struct Convention {
    /// Its name in reports: `thop_0_1`.
    pub name: &'static str,
    /// Who counts like that.
    pub title: &'static str,
    /// The terms that count, each with its factor.
    pub rule: &'static [(Term, u64)],
}

/// Every convention; the first one is that of the papers.
pub static CONVENTIONS: [Convention; 6] = [
    Convention { name: "conv_linear", title: "conv + linear (the papers)", rule: &[(Term::ConvLinear, 1)] },
    Convention {
        name: "with_se_pool",
        title: "conv + linear + SE pools",
        rule: &[(Term::ConvLinear, 1), (Term::Squeezed, 1)],
    },
    Convention {
        name: "thop_0_1",
        title: "thop 0.1",
        rule: &[
            (Term::ConvLinear, 1),
            (Term::BatchNorm, 4),
            (Term::AverageOut, 1),
            (Term::GlobalIn, 1),
            (Term::GlobalOut, 1),
        ],
    },
    Convention {
        name: "thop_old",
        title: "thop before 0.1",
        rule: &[
            (Term::ConvLinear, 1),
            (Term::BatchNorm, 2),
            (Term::AverageOut, 1),
            (Term::GlobalIn, 1),
            (Term::GlobalOut, 1),
        ],
    },
    Convention {
        name: "fvcore",
        title: "fvcore",
        rule: &[(Term::ConvLinear, 1), (Term::BatchNorm, 2), (Term::GlobalIn, 1)],
    },
    Convention {
        name: "ptflops",
        title: "ptflops 0.7",
        rule: &[
            (Term::ConvLinear, 1),
            (Term::Bias, 1),
            (Term::BatchNorm, 2),
            // Some it meets twice: as a module and as the function that the module calls.
            (Term::Relu, 2),
            (Term::Relu6, 1),
            (Term::Swish, 1),
            (Term::MaxIn, 2),
            (Term::AverageIn, 2),
            (Term::GlobalIn, 2),
        ],
    },
];

/// The convention of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Convention> {
    CONVENTIONS.iter().find(|convention| convention.name == name)
}

impl Convention {
    /// What it makes of these terms.
    #[must_use]
    pub fn count(&self, terms: &Terms) -> u64 {
        let counts = self.rule.iter().map(|&(term, factor)| terms[term].saturating_mul(factor));
        counts.fold(0, u64::saturating_add)
    }

    /// How often it counts this term.
    #[must_use]
    pub fn factor(&self, term: Term) -> u64 {
        self.rule.iter().find(|(known, _)| *known == term).map_or(0, |(_, factor)| *factor)
    }
}

/// Multiply-adds by convention.
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
    /// ptflops 0.7 with its `PyTorch` backend: also biases, 2 operations per batch-norm element and per `ReLU`, 1 per
    /// `ReLU6` and Swish, 2 per input of a pool.
    pub ptflops: u64,
}

impl Macs {
    /// Counts a network without its auxiliary head, for one image.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        Self::from(&per_node(&network.inference()).into_iter().sum())
    }
}

impl From<&Terms> for Macs {
    fn from(terms: &Terms) -> Self {
        let [conv_linear, with_se_pool, thop_0_1, thop_old, fvcore, ptflops] =
            CONVENTIONS.each_ref().map(|convention| convention.count(terms));
        Self { conv_linear, with_se_pool, thop_0_1, thop_old, fvcore, ptflops }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo::{self, Options};

    fn macs(name: &str, options: &Options) -> Macs {
        Macs::of(&zoo::network(name, options).unwrap())
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

    /// What thop 0.1.1, fvcore 0.1.5 and ptflops 0.7.5 say about the same networks in `PyTorch` 2.11, written with plain
    /// modules and the means of squeeze-and-excitation as `mean`.
    #[test]
    fn tools_are_reproduced_to_the_last_operation() {
        for (name, thop, fvcore, ptflops) in [
            ("noisydarts-a", 534_036_672, 523_972_224, 539_547_274),
            ("darts-v2", 549_851_328, 539_123_328, 555_859_594),
            ("amoebanet-a", 507_981_456, 497_861_856, 514_754_794),
            ("pc-darts-cifar", 578_549_952, 567_434_880, 584_724_106),
            ("snas-aggressive", 386_009_280, 380_479_104, 391_243_402),
            ("noisydarts-mobile-a", 477_401_344, 461_738_880, 476_027_496),
            ("noisydarts-mobile-a-se", 478_055_680, 462_393_216, 470_445_952),
            ("fairnas-a", 412_490_848, 400_337_568, 405_759_144),
            ("scarlet-a", 389_995_264, 377_682_048, 377_756_520),
            ("proxylessnas-r-mobile", 342_104_896, 331_296_960, 336_045_864),
            ("mobilenet-v2", 327_550_720, 314_193_216, 320_362_728),
            ("mobilenet-v3-large", 234_236_992, 225_436_416, 230_121_600),
            ("mobilenet-v3-small", 62_190_272, 59_364_160, 60_339_280),
            ("efficientnet-b0", 412_829_536, 399_352_864, 405_583_840),
            ("mnasnet-a1", 336_530_368, 324_085_440, 335_415_138),
        ] {
            let macs = macs(name, &Options::default());
            assert_eq!([macs.thop_0_1, macs.fvcore, macs.ptflops], [thop, fvcore, ptflops], "{name}");
        }
    }

    /// Upstream writes the global pool of this skeleton as a 7x7 average pool: of its 768 maps thop counts the outputs
    /// alone and fvcore nothing.
    #[test]
    fn tools_are_reproduced_on_the_imagenet_skeleton() {
        let macs = macs("darts-v2", &Options::imagenet());
        let inputs = 768 * 7 * 7;
        assert_eq!(macs.thop_0_1 - inputs, 546_470_400);
        assert_eq!(macs.fvcore - inputs, 538_190_592);
        assert_eq!(macs.ptflops, 550_986_472);
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
