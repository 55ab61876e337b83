//! The reduced spaces S1 to S4 of `RobustDARTS` (Zela et al. 2020; Benchmarks 3 to 14 of the paper): the cell of DARTS
//! with few candidates per edge, chosen so that plain DARTS fails.

mod s1;
mod s2;
mod s3;
mod s4;

pub use s1::S1;
pub use s2::S2;
pub use s3::S3;
pub use s4::S4;
