//! Numbers from numbers: correct answers, intervals, percentiles, times.

pub(crate) mod compare;
pub(crate) mod latency;
pub(crate) mod quantile;
pub(crate) mod top;
