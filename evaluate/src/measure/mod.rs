//! Numbers from numbers: correct answers, intervals, percentiles, times.

pub(crate) mod bootstrap;
pub(crate) mod compare;
pub(crate) mod confusion;
pub(crate) mod contest;
pub(crate) mod latency;
pub(crate) mod mcnemar;
pub(crate) mod profile;
pub(crate) mod quantile;
pub(crate) mod system;
pub(crate) mod top;
pub(crate) mod warmup;
