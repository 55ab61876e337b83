//! S3: S2 with the zero operation, which derivation never chooses.

use super::Reduced;

/// S3 of `RobustDARTS`.
pub const S3: Reduced = Reduced {
    name: "s3",
    summary: "DARTS's cell with none, skip_connect and sep_conv_3x3 on every edge",
    source: "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S3",
    ops: |_, _| vec!["none", "skip_connect", "sep_conv_3x3"],
};
