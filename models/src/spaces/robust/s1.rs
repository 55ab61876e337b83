//! S1: the two strongest candidates of each edge, found by pruning in two rounds of DARTS.

use crate::error::Error;
use crate::network::{Network, Table};
use crate::spaces::skeleton::Skeleton;
use crate::spaces::{SearchSpace, SpaceOptions, darts};

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
pub struct S1;

impl SearchSpace for S1 {
    fn name(&self) -> &'static str {
        "s1"
    }

    fn summary(&self) -> &'static str {
        "DARTS's cell with two candidates per edge, others on each"
    }

    fn source(&self) -> &'static str {
        "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S1"
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        darts::tables(|kind, edge| OPS[kind][edge].to_vec())
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        darts::supernet_of("s1-supernet", skeleton, tables)
    }
}
