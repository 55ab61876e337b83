//! Normalisations: the shape of the input, and sometimes of the statistics.

use super::{
    Family,
    call::{Call, Outcome},
    fact::Fact,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("BatchNormalization", batch),
    ("InstanceNormalization", same),
    ("GroupNormalization", same),
    ("LpNormalization", same),
    ("MeanVarianceNormalization", same),
    ("LRN", same),
    ("LayerNormalization", layer),
    ("RMSNormalization", same),
    ("SimplifiedLayerNormalization", layer),
    ("com.microsoft:LayerNormalization", layer),
    ("com.microsoft:SimplifiedLayerNormalization", layer),
    ("com.microsoft:SkipLayerNormalization", skip_layer),
    ("com.microsoft:SkipSimplifiedLayerNormalization", skip_layer),
    ("com.microsoft:GroupNorm", same),
];

/// The result, then up to four statistics per channel, which files in training mode name.
fn batch(call: &Call) -> Result<Outcome> {
    let mut outcome = same(call)?;
    outcome.outputs.extend(vec![Fact::new(call.dims(1)?.to_vec()); 4]);
    Ok(outcome)
}

/// The result, then mean and inverse deviation, of size 1 from `axis` on.
fn layer(call: &Call) -> Result<Outcome> {
    let mut outcome = same(call)?;
    let mut statistics = call.dims(0)?.to_vec();
    let axis = call.axis(call.int("axis", -1)?, statistics.len())?;
    statistics[axis..].fill(1);
    outcome.outputs.extend([Fact::new(statistics.clone()), Fact::new(statistics)]);
    Ok(outcome)
}

/// The sum of two inputs is normalised along the last axis; it is the fourth output.
fn skip_layer(call: &Call) -> Result<Outcome> {
    let mut outcome = layer(call)?;
    outcome.outputs.push(Fact::new(call.dims(0)?.to_vec()));
    Ok(outcome)
}
