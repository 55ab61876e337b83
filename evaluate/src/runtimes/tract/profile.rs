//! tract's nodes, timed one by one while its plan runs.

use std::sync::Arc;

use models::clock::Cpu;
use tract_onnx::{
    prelude::{TractResult, TypedFact, TypedOp, TypedRunnableModel, tvec},
    tract_core::{
        model::Node,
        plan::{SimpleState, eval},
    },
};

use super::{failed, first, tensor};
use crate::{
    error::{Error, Result},
    runtimes::{NodeRuns, Profiler, Session},
};

type State = SimpleState<TypedFact, Box<dyn TypedOp>>;

/// A plan with a place for the times of every node.
pub(super) struct Timed {
    model: String,
    shape: Vec<usize>,
    plan: Arc<TypedRunnableModel>,
    /// Milliseconds by the node's number in the graph.
    times: Vec<Vec<f64>>,
    /// Numbers in the order of the first run.
    order: Vec<usize>,
    /// Whether the system tells CPU time.
    has_cpu: bool,
}

impl Timed {
    pub(super) fn new(model: String, shape: Vec<usize>, plan: Arc<TypedRunnableModel>) -> Self {
        let times = vec![Vec::new(); plan.model().nodes().len()];
        Self { model, shape, plan, times, order: Vec::new(), has_cpu: true }
    }

    fn first_output(&mut self, input: &[f32]) -> TractResult<Vec<f32>> {
        let input = tensor(&self.shape, input)?;
        let (times, order, has_cpu) = (&mut self.times, &mut self.order, &mut self.has_cpu);
        let outputs =
            State::new(&self.plan)?.run_plan_with_eval(tvec![input], |context, state, node, inputs| {
                let (outputs, took) = Cpu::Thread.time(|| eval(context, state, node, inputs));
                if times[node.id].is_empty() {
                    order.push(node.id);
                }
                times[node.id].push(took.cpu.unwrap_or(took.wall));
                *has_cpu &= took.cpu.is_some();
                outputs
            })?;
        first(&outputs)
    }

    fn node(&self, id: usize) -> NodeRuns {
        let node = self.plan.model().node(id);
        NodeRuns {
            name: node.name.clone(),
            op: node.op.name().into_owned(),
            provider: None,
            activation_bytes: self.bytes(node, |fact| fact.konst.is_none()),
            weight_bytes: self.bytes(node, |fact| fact.konst.is_some()).unwrap_or(0),
            times: self.times[id].clone(),
        }
    }

    /// Of the inputs and outputs of a kind.
    fn bytes(&self, node: &Node<TypedFact, Box<dyn TypedOp>>, kind: fn(&TypedFact) -> bool) -> Option<u64> {
        let model = self.plan.model();
        let read = node.inputs.iter().filter_map(|outlet| model.outlet_fact(*outlet).ok());
        let facts = read.chain(node.outputs.iter().map(|outlet| &outlet.fact)).filter(|fact| kind(fact));
        facts.map(|fact| u64::try_from(fact.mem_size().as_i64()?).ok()).sum()
    }
}

impl Session for Timed {
    fn run(&mut self, input: &[f32]) -> Result<Vec<f32>> {
        let output = self.first_output(input);
        output.map_err(|cause| failed(&self.model, cause))
    }
}

impl Profiler for Timed {
    fn clock(&self) -> &'static str {
        if self.has_cpu { "cpu" } else { "wall" }
    }

    /// The network's input is a node too, but does nothing.
    fn finish(self: Box<Self>) -> Result<Vec<NodeRuns>, Error> {
        let works = |id: &&usize| !self.plan.model().node(**id).inputs.is_empty();
        Ok(self.order.iter().filter(works).map(|id| self.node(*id)).collect())
    }
}
