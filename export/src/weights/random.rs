//! Random weights: for measuring latency and comparing runtimes before anything is trained.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use models::layer::{Role, TensorSpec};
use models::network::Network;

use super::spread::spreads;
use super::{Origin, Summary, Tensor, Weights, name};

impl Weights {
    /// Random weights *and* random batch statistics, so that every part of a batch normalisation shows in the outputs.
    ///
    /// Plain random numbers would not do: with depth, activations fade to constants, on which any two runtimes agree, or to
    /// denormal numbers, which are slow; or rounding errors grow until no two agree. So weights are normal with variance 1 / fan-in,
    /// and sum to 0 in each filter, which stops offsets from piling up; variances are uniform in 0.5 … 1.5 times what such weights
    /// make of an input of variance 1, gains uniform in 0.5 … 1.5; shifts are normal about 1, so that most of a nonlinearity's
    /// inputs are where it is steep; biases and means are normal about 0. All but the weights have a standard deviation of
    /// 0.2 (means: times that of the activation).
    ///
    /// Each tensor depends on the seed, its name and the network's layers alone.
    #[must_use]
    pub fn random(network: &Network, seed: u64) -> Self {
        let spreads = spreads(network);
        let mut tensors = BTreeMap::new();
        for node in &network.nodes {
            let spread = node.inputs.first().map_or(1.0, |&input| spreads[input]);
            for spec in network.tensors(node) {
                let name = name(&node.path, spec.role);
                let tensor = draw(&mut Stream::new(seed, &name), &spec, spread);
                tensors.insert(name, tensor);
            }
        }
        Self { tensors, summary: Summary::default(), origin: Origin::Random { seed }, others: BTreeMap::new() }
    }
}

/// A tensor of a node whose input has the variance `spread`.
fn draw(stream: &mut Stream, spec: &TensorSpec, spread: f64) -> Tensor {
    let fan_in: usize = spec.dims[1..].iter().product();
    let mut one = || match spec.role {
        Role::Weight => stream.normal() / (fan_in as f64).sqrt(),
        Role::Gain => 0.5 + stream.uniform(),
        Role::RunningVar => spread * (0.5 + stream.uniform()),
        Role::RunningMean => 0.2 * spread.sqrt() * stream.normal(),
        Role::Shift => 1.0 + 0.2 * stream.normal(),
        Role::Bias => 0.2 * stream.normal(),
    };
    let mut data: Vec<f32> = (0..spec.elements()).map(|_| one() as f32).collect();
    // A filter of one weight would be left with none.
    if spec.role == Role::Weight && fan_in > 1 {
        data.chunks_exact_mut(fan_in).for_each(centre);
    }
    Tensor { dims: spec.dims.clone(), data }
}

/// Makes the weights of a filter sum to 0.
fn centre(filter: &mut [f32]) {
    let mean = filter.iter().sum::<f32>() / filter.len() as f32;
    for weight in filter {
        *weight -= mean;
    }
}

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood 2014), started from the seed and an FNV-1a hash of
/// the tensor's name.
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut stream = Self(seed);
        Self(stream.bits() ^ hash)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        // 1 - u is above 0, so that its logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }
}
