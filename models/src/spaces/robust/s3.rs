//! S3: S2 with the zero operation, which derivation never chooses.

use crate::error::Error;
use crate::network::{Network, Table};
use crate::spaces::skeleton::Skeleton;
use crate::spaces::{SearchSpace, SpaceOptions, darts};

/// S3 of `RobustDARTS`.
pub struct S3;

impl SearchSpace for S3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn summary(&self) -> &'static str {
        "DARTS's cell with none, skip_connect and sep_conv_3x3 on every edge"
    }

    fn source(&self) -> &'static str {
        "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search, S3"
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        darts::tables(|_, _| vec!["none", "skip_connect", "sep_conv_3x3"])
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        darts::supernet_of("s3-supernet", skeleton, tables)
    }
}
