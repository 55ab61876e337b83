//! Normalisation.

use super::{
    Family,
    call::{Call, Fact, Outcome},
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("BatchNormalization", batch_norm),
    ("LayerNormalization", layer_norm),
    ("RMSNormalization", layer_norm),
    ("SimplifiedLayerNormalization", layer_norm),
    ("com.microsoft:LayerNormalization", layer_norm),
    ("com.microsoft:SimplifiedLayerNormalization", layer_norm),
    ("com.microsoft:SkipLayerNormalization", skip_layer_norm),
    ("com.microsoft:SkipSimplifiedLayerNormalization", skip_layer_norm),
    ("com.microsoft:EmbedLayerNormalization", embedding),
    ("com.microsoft:GroupNorm", same),
    ("GroupNormalization", same),
    ("InstanceNormalization", same),
    ("LpNormalization", same),
    ("MeanVarianceNormalization", same),
    ("LRN", same),
];

/// The other outputs, one number per channel, are statistics in training.
fn batch_norm(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?.to_vec();
    let statistics = Fact::new(dims.get(1).copied().into_iter().collect());
    let mut outputs = vec![Fact::new(dims)];
    outputs.resize(5, statistics);
    Outcome::of(outputs)
}

/// The other outputs, mean and deviation, have size 1 from `axis` on.
fn layer_norm(call: &Call) -> Result<Outcome> {
    let dims = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", -1)?, dims.len())?;
    let statistics = dims.iter().enumerate().map(|(i, &d)| if i < axis { d } else { 1 }).collect();
    let mut outputs = vec![Fact::new(dims)];
    outputs.resize(3, Fact::new(statistics));
    Outcome::of(outputs)
}

/// Of the sum of two inputs. The other outputs are mean, deviation and that sum.
fn skip_layer_norm(call: &Call) -> Result<Outcome> {
    let mut outcome = layer_norm(call)?;
    outcome.outputs.push(outcome.outputs[0].clone());
    Ok(outcome)
}

/// Token numbers `[N, length]` and word vectors `[words, size]` (third input) give `[N, length, size]`; the second output is a mask of
/// one number per sequence.
fn embedding(call: &Call) -> Result<Outcome> {
    match (call.dims(0)?, call.dims(2)?) {
        (&[batch, length], &[_, size]) => {
            Outcome::of(vec![Fact::new(vec![batch, length, size]), Fact::new(vec![batch])])
        }
        _ => Err(call.mismatch("[N, length] and word vectors [words, size]")),
    }
}
