//! S4: a separable convolution or pure noise, which carries no information, on every edge.

use crate::error::Error;
use crate::network::{Network, Table};
use crate::spaces::skeleton::Skeleton;
use crate::spaces::{SearchSpace, SpaceOptions, darts};

/// S4 of `RobustDARTS`.
pub struct S4;

impl SearchSpace for S4 {
    fn name(&self) -> &'static str {
        "s4"
    }

    fn summary(&self) -> &'static str {
        "DARTS's cell with noise and sep_conv_3x3 on every edge"
    }

    fn source(&self) -> &'static str {
        "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S4"
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        darts::tables(|_, _| vec!["noise", "sep_conv_3x3"])
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        darts::supernet_of("s4-supernet", skeleton, tables)
    }
}
