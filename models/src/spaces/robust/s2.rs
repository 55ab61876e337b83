//! S2: a skip connection or a separable convolution on every edge.

use crate::error::Error;
use crate::network::{Network, Table};
use crate::spaces::skeleton::Skeleton;
use crate::spaces::{SearchSpace, SpaceOptions, darts};

/// S2 of `RobustDARTS`.
pub struct S2;

impl SearchSpace for S2 {
    fn name(&self) -> &'static str {
        "s2"
    }

    fn summary(&self) -> &'static str {
        "DARTS's cell with skip_connect and sep_conv_3x3 on every edge"
    }

    fn source(&self) -> &'static str {
        "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S2"
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        darts::tables(|_, _| vec!["skip_connect", "sep_conv_3x3"])
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        darts::supernet_of("s2-supernet", skeleton, tables)
    }
}
