//! One file per subcommand.

pub(crate) mod accuracy;
pub(crate) mod compare;
pub(crate) mod cost;
pub(crate) mod inspect;
pub(crate) mod latency;
pub(crate) mod lut;
mod number;
pub(crate) mod parity;
pub(crate) mod report;
mod shape;
pub(crate) mod table;
pub(crate) mod variants;
pub(crate) mod zoo;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did what was asked for.
    Done,
    /// It did, and a comparison did not hold.
    Violated,
}
