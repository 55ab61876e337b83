//! The reduced spaces S1 to S4 of `RobustDARTS` (Zela et al. 2020; Benchmarks 3 to 14 of the paper): the cell of DARTS
//! with few candidates per edge, chosen so that plain DARTS fails. They differ in these candidates alone.

mod s1;
mod s2;
mod s3;
mod s4;

pub use s1::S1;
pub use s2::S2;
pub use s3::S3;
pub use s4::S4;

use crate::error::Error;
use crate::network::{Network, Table};
use crate::spaces::skeleton::Skeleton;
use crate::spaces::{SearchSpace, SpaceOptions, darts};

/// One of the reduced spaces.
#[derive(Debug)]
pub struct Reduced {
    name: &'static str,
    summary: &'static str,
    source: &'static str,
    /// The candidates by kind of cell (0 normal, 1 reduction) and edge.
    ops: fn(usize, usize) -> Vec<&'static str>,
}

impl SearchSpace for Reduced {
    fn name(&self) -> &'static str {
        self.name
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn source(&self) -> &'static str {
        self.source
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        darts::tables(self.ops)
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        darts::supernet_of(&format!("{}-supernet", self.name), skeleton, tables)
    }
}
