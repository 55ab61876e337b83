//! S2: a skip connection or a separable convolution on every edge.

use super::Reduced;

/// S2 of `RobustDARTS`.
pub const S2: Reduced = Reduced {
    name: "s2",
    summary: "DARTS's cell with skip_connect and sep_conv_3x3 on every edge",
    source: "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S2",
    ops: |_, _| vec!["skip_connect", "sep_conv_3x3"],
};
