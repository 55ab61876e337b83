//! Shapes, multiply-adds and parameters of a graph, node by node.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde::Serialize;

use super::{
    error::{Error, Result},
    memory,
    model::{Dim, Graph, Model, Node, Port},
    ops::{self, Call, Fact, Outcome, Role},
    tensor::elements,
    terms::Counter,
};
use crate::conventions::Terms;
use crate::memory::Memory;

/// What to assume for what a file leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// The first dimension of inputs, where it is open.
    pub batch: usize,
    /// The shape `[N, C, H, W]` of the (only) input, instead of what the file says.
    pub input: Option<Vec<usize>>,
    /// Whether nodes that cannot be counted are listed instead of being an error.
    pub allow_unknown: bool,
}

impl Default for Assume {
    fn default() -> Self {
        Self { batch: 1, input: None, allow_unknown: false }
    }
}

/// Shapes and counts of a graph.
///
/// Multiply-adds follow the convention of the papers: convolutions and linear layers (Conv, `ConvTranspose`, Gemm, `MatMul`),
/// nothing for bias, normalisation, activations and pooling; [`NodeAccount::terms`] has what others count.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Multiply-adds of all nodes.
    pub macs: u64,
    /// Floating-point constants that the nodes use, shared ones once. Single numbers of rank 0 (Clip's limits, a divisor)
    /// are settings, not parameters. Weights may be initializers, Constant or `ConstantOfShape` nodes.
    pub params: u64,
    /// Elements of floating-point initializers that no node uses.
    pub unused: u64,
    /// Bytes of activations.
    pub memory: Memory,
    /// The nodes in order.
    pub nodes: Vec<NodeAccount>,
    /// Nodes that could not be counted; empty unless [`Assume::allow_unknown`].
    pub unknown: Vec<UnknownNode>,
    /// Shapes of all values by name, as far as they are known.
    pub shapes: BTreeMap<String, Vec<usize>>,
}

/// Counts of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAccount {
    /// Its name, or that of its first output.
    pub name: String,
    /// Its operator.
    pub op_type: String,
    /// Multiply-adds.
    pub macs: u64,
    /// What conventions count, multiply-adds among it.
    pub terms: Terms,
    /// Parameters, for the first node that uses them.
    pub params: u64,
    /// Shape of its first output.
    pub output: Vec<usize>,
    /// Bytes of its outputs, constants aside.
    pub activation_bytes: u64,
}

/// A node that could not be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownNode {
    /// Its name, or that of its first output.
    pub name: String,
    /// Its operator.
    pub op_type: String,
    /// Why not.
    pub reason: String,
}

impl Model {
    /// Infers all shapes and counts multiply-adds and parameters.
    ///
    /// # Errors
    /// [`Error::Node`] for an unknown operator or shapes that do not fit, unless [`Assume::allow_unknown`];
    /// [`Error::OpenShape`] for an input of open size, [`Error::Overflow`] for counts beyond 64 bits.
    pub fn account(&self, assume: &Assume) -> Result<Account> {
        let mut walk = Walk::new(self, assume)?;
        let mut nodes: Vec<NodeAccount> =
            self.graph.nodes.iter().map(|n| walk.node(n)).collect::<Result<_>>()?;
        let read = |name: &str| walk.counted.contains(name) || walk.settings.contains(name);
        let unused = self.graph.initializers.iter().filter(|(name, _)| !read(name));
        let unused = unused.filter_map(|(_, t)| Fact::constant(t).weight).map(|w| w.elements);
        let unused = total(unused, "parameters")?;
        let bytes = memory::bytes(&self.graph, &walk.facts)?;
        let counter = Counter::new(&self.graph, &walk.facts);
        for (at, node) in nodes.iter_mut().enumerate() {
            node.terms = counter.terms(at, node.macs);
            node.activation_bytes = bytes.of(&self.graph.nodes[at].outputs);
        }
        Ok(Account {
            macs: total(nodes.iter().map(|n| n.macs), "multiply-adds")?,
            params: total(nodes.iter().map(|n| n.params), "parameters")?,
            unused,
            memory: bytes.memory(&self.graph),
            nodes,
            unknown: walk.unknown,
            shapes: walk.facts.into_iter().map(|(name, fact)| (name, fact.dims)).collect(),
        })
    }
}

impl Assume {
    fn shape(&self, port: &Port) -> Result<Vec<usize>> {
        if let Some(dims) = &self.input {
            return Ok(dims.clone());
        }
        let open = || Error::OpenShape { input: port.name.clone(), shape: port.shape_text() };
        let size = |(i, dim): (usize, &Dim)| match dim {
            Dim::Fixed(size) => Ok(*size),
            Dim::Open(_) if i == 0 => Ok(self.batch),
            Dim::Open(_) => Err(open()),
        };
        port.dims.as_ref().ok_or_else(open)?.iter().enumerate().map(size).collect()
    }
}

/// The state of a walk over the nodes.
struct Walk<'a> {
    opset: i64,
    graph: &'a Graph,
    allow_unknown: bool,
    facts: BTreeMap<String, Fact>,
    /// Origins of the parameters that have been counted.
    counted: HashSet<Rc<str>>,
    /// Origins of scales and other settings.
    settings: HashSet<Rc<str>>,
    unknown: Vec<UnknownNode>,
}

impl<'a> Walk<'a> {
    fn new(model: &'a Model, assume: &Assume) -> Result<Self> {
        let mut facts = constants(&model.graph);
        for input in &model.graph.inputs {
            let dims = assume.shape(input)?;
            elements(&dims)?;
            facts.insert(input.name.clone(), Fact::new(dims));
        }
        Ok(Self {
            opset: model.opset,
            graph: &model.graph,
            allow_unknown: assume.allow_unknown,
            facts,
            counted: HashSet::new(),
            settings: HashSet::new(),
            unknown: Vec::new(),
        })
    }

    fn node(&mut self, node: &Node) -> Result<NodeAccount> {
        let outcome = match self.infer(node) {
            Ok(outcome) => outcome,
            Err(error) if self.allow_unknown => self.unknown(node, &error),
            Err(error) => return Err(error.at(node.label(), &node.op_type)),
        };
        let params = self.count(node, &outcome)?;
        let account = NodeAccount {
            name: node.label().into(),
            op_type: node.op_type.clone(),
            macs: outcome.macs,
            terms: Terms::default(),
            params,
            output: outcome.outputs.first().map(|fact| fact.dims.clone()).unwrap_or_default(),
            activation_bytes: 0,
        };
        let named = node.outputs.iter().cloned().zip(outcome.outputs).filter(|(name, _)| !name.is_empty());
        self.facts.extend(named);
        Ok(account)
    }

    /// Notes a node that cannot be counted. Its outputs have the shapes that the file declares, up to the first one that it does
    /// not; the others stay unknown.
    fn unknown(&mut self, node: &Node, error: &Error) -> Outcome {
        let (name, op_type) = (node.label().into(), node.op_type.clone());
        self.unknown.push(UnknownNode { name, op_type, reason: error.to_string() });
        let declared = |name: &String| self.graph.declared.get(name).cloned();
        let outputs = node.outputs.iter().map_while(declared).map(Fact::new).collect();
        Outcome { outputs, macs: 0, passes_weights: false, quantized: &[] }
    }

    fn infer(&self, node: &Node) -> Result<Outcome> {
        let operator = ops::find(&node.op_type).ok_or(Error::UnknownOperator)?;
        let inputs = node.inputs.iter().map(|name| self.facts.get(name)).collect();
        let outcome = operator(&Call { node, inputs, opset: self.opset })?;
        outcome.check(node)?;
        Ok(outcome)
    }

    /// Elements of the weights that this node is the first to use.
    fn count(&mut self, node: &Node, outcome: &Outcome) -> Result<u64> {
        let mut elements = Vec::new();
        for (index, name) in node.inputs.iter().enumerate() {
            let Some(fact) = self.facts.get(name) else { continue };
            let weight = if outcome.quantized.contains(&index) { &fact.quantized } else { &fact.weight };
            let Some(weight) = weight else { continue };
            match outcome.role(index) {
                Role::Weight if self.counted.insert(weight.origin.clone()) => elements.push(weight.elements),
                Role::Setting => drop(self.settings.insert(weight.origin.clone())),
                Role::Weight | Role::HandedOn => {}
            }
        }
        total(elements.into_iter(), "parameters")
    }
}

fn constants(graph: &Graph) -> BTreeMap<String, Fact> {
    graph.initializers.iter().map(|(name, tensor)| (name.clone(), Fact::constant(tensor))).collect()
}

fn total(mut counts: impl Iterator<Item = u64>, what: &'static str) -> Result<u64> {
    counts.try_fold(0_u64, u64::checked_add).ok_or(Error::Overflow { what })
}
