//! S1: the two strongest candidates of each edge, found by pruning in two rounds of DARTS.

use super::Reduced;

/// The candidates by kind of cell (normal, reduction) and edge (`automl/RobustDARTS: src/spaces.py`).
const OPS: [[[&str; 2]; 14]; 2] = [
    [
        ["skip_connect", "dil_conv_3x3"],
        ["skip_connect", "dil_conv_5x5"],
        ["skip_connect", "dil_conv_5x5"],
        ["skip_connect", "sep_conv_3x3"],
        ["skip_connect", "dil_conv_3x3"],
        ["max_pool_3x3", "skip_connect"],
        ["skip_connect", "sep_conv_3x3"],
        ["skip_connect", "sep_conv_3x3"],
        ["skip_connect", "dil_conv_3x3"],
        ["skip_connect", "sep_conv_3x3"],
        ["max_pool_3x3", "skip_connect"],
        ["skip_connect", "dil_conv_3x3"],
        ["dil_conv_3x3", "dil_conv_5x5"],
        ["dil_conv_3x3", "dil_conv_5x5"],
    ],
    [
        ["max_pool_3x3", "avg_pool_3x3"],
        ["max_pool_3x3", "dil_conv_3x3"],
        ["max_pool_3x3", "avg_pool_3x3"],
        ["max_pool_3x3", "avg_pool_3x3"],
        ["skip_connect", "dil_conv_5x5"],
        ["max_pool_3x3", "avg_pool_3x3"],
        ["max_pool_3x3", "sep_conv_3x3"],
        ["skip_connect", "dil_conv_3x3"],
        ["skip_connect", "dil_conv_5x5"],
        ["max_pool_3x3", "avg_pool_3x3"],
        ["max_pool_3x3", "avg_pool_3x3"],
        ["skip_connect", "dil_conv_5x5"],
        ["skip_connect", "dil_conv_5x5"],
        ["skip_connect", "dil_conv_5x5"],
    ],
];

/// S1 of `RobustDARTS`.
pub const S1: Reduced = Reduced {
    name: "s1",
    summary: "DARTS's cell with two candidates per edge, others on each",
    source: "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S1",
    ops: |kind, edge| OPS[kind][edge].to_vec(),
};
