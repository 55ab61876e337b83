//! How much activations vary, roughly, in a network of random weights.

use models::layer::{Activation, Layer};
use models::network::Network;

/// What a `ReLU` leaves of the variance of a normal number of mean 1 and variance 1, by simulation as all of these.
const RELU: f64 = 0.75;
/// The same of `x · sigmoid(x)`.
const SWISH: f64 = 0.72;
/// The same of a sigmoid.
const SIGMOID: f64 = 0.033;
/// The same of a hard sigmoid.
const HARD_SIGMOID: f64 = 0.027;
/// The variance of the largest of nine standard normal numbers.
const MAX_OF_NINE: f64 = 0.36;

/// The variance of each node's output over images and pixels, for inputs of variance 1 and weights as
/// [`super::Weights::random`] draws them: each factor as if activations were independent normal numbers. Right within a small
/// factor, which is enough to keep signals from fading or growing with depth.
pub(super) fn spreads(network: &Network) -> Vec<f64> {
    let mut spreads: Vec<f64> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let inputs: Vec<f64> = node.inputs.iter().map(|&input| spreads[input]).collect();
        spreads.push(spread(&node.layer, &inputs));
    }
    spreads
}

fn spread(layer: &Layer, inputs: &[f64]) -> f64 {
    let first = inputs.first().copied().unwrap_or(1.0);
    match layer {
        // A batch normalisation makes it so; a product of a map and a gate of about 1/2 stays of its order.
        Layer::Input | Layer::BatchNorm(_) | Layer::Noise { .. } => 1.0,
        Layer::Activation(Activation::Relu | Activation::Relu6) => RELU * first,
        Layer::Activation(Activation::Swish | Activation::HardSwish) => SWISH * first,
        Layer::Activation(Activation::Sigmoid) => SIGMOID * first,
        Layer::Activation(Activation::HardSigmoid) => HARD_SIGMOID * first,
        Layer::MaxPool(_) => MAX_OF_NINE * first,
        Layer::AvgPool(pool) => first / (pool.kernel * pool.kernel) as f64,
        Layer::Scale => first / 4.0,
        Layer::Add | Layer::Mix(_) => inputs.iter().sum(),
        Layer::Concat => inputs.iter().sum::<f64>() / inputs.len().max(1) as f64,
        // A map of zeros varies not at all, and a variance of 0 would divide by 0.
        Layer::Zero { .. } => f64::EPSILON,
        Layer::Conv2d(_)
        | Layer::Linear(_)
        | Layer::GlobalAvgPool
        | Layer::Flatten
        | Layer::CropFirst
        | Layer::Channels { .. }
        | Layer::Shuffle { .. }
        | Layer::DropPath
        | Layer::Dropout(_) => first,
    }
}
