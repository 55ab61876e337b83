//! What each node of a runtime's own graph takes.

use super::{Provider, Session};
use crate::error::Result;

/// A model that is loaded so that the runtime notes what every node takes in every run.
pub trait Profiler: Session {
    /// What the times of nodes are: `cpu` time, or `wall` time.
    fn clock(&self) -> &'static str;

    /// Ends it: the nodes, in the order of their first run.
    ///
    /// # Errors
    /// [`Run`](crate::Error::Run) when the runtime does not say what it noted.
    fn finish(self: Box<Self>) -> Result<Vec<NodeRuns>>;
}

/// A node of the graph that a runtime has made of the model: fused, reordered, with a name of the runtime's own.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRuns {
    /// The runtime's name for it.
    pub name: String,
    /// The runtime's operator.
    pub op: String,
    /// The execution provider that ran it, where there are such.
    pub provider: Option<String>,
    /// Bytes of its inputs and outputs without weights, where the runtime tells.
    pub activation_bytes: Option<u64>,
    /// Bytes of its weights, as far as the runtime tells.
    pub weight_bytes: u64,
    /// Milliseconds of each run, the first one included, on the profiler's [clock](Profiler::clock).
    pub times: Vec<f64>,
}

impl NodeRuns {
    /// Whether the processor ran it, and no accelerator.
    #[must_use]
    pub fn is_on_cpu(&self) -> bool {
        self.provider.as_deref().is_none_or(|provider| provider == Provider::Cpu.name())
    }
}
