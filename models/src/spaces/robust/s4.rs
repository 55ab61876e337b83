//! S4: a separable convolution or pure noise, which carries no information, on every edge.

use super::Reduced;

/// S4 of `RobustDARTS`.
pub const S4: Reduced = Reduced {
    name: "s4",
    summary: "DARTS's cell with noise and sep_conv_3x3 on every edge",
    source: "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S4",
    ops: |_, _| vec!["noise", "sep_conv_3x3"],
};
