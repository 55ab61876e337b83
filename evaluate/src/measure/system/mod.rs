//! The machine that measures: what it is, what else it does, and where the measuring runs. From Linux's /proc and /sys; what a
//! system does not tell is left out.

pub(crate) mod conditions;
pub(crate) mod cores;
pub(crate) mod environment;
pub(crate) mod memory;
