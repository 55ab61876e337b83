//! Shapes, multiply-adds and parameters of a graph, node by node.

use std::collections::{BTreeMap, HashSet};

use super::{
    error::{Error, Result},
    model::{Dim, Graph, Model, Node, Port},
    ops::{self, Call, Fact, Outcome},
};

/// What to assume for sizes that a file leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// The first dimension of inputs, where it is open.
    pub batch: usize,
    /// The shape `[N, C, H, W]` of the (only) input, instead of what the file says.
    pub input: Option<Vec<usize>>,
}

impl Default for Assume {
    fn default() -> Self {
        Self { batch: 1, input: None }
    }
}

/// Shapes and counts of a graph.
///
/// Multiply-adds follow the convention of the papers: convolutions and linear layers (Conv, `ConvTranspose`, Gemm, `MatMul`),
/// nothing for bias, normalisation, activations and pooling.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Multiply-adds of all nodes.
    pub macs: u64,
    /// Floating-point constants that the nodes use, shared ones once. Single numbers of rank 0 (Clip's limits, a divisor)
    /// are settings, not parameters. Weights may be initializers, Constant or `ConstantOfShape` nodes.
    pub params: u64,
    /// Elements of floating-point initializers that no node uses.
    pub unused: u64,
    /// The nodes in order.
    pub nodes: Vec<NodeAccount>,
    /// Shapes of all values by name.
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
    /// Parameters, for the first node that uses them.
    pub params: u64,
    /// Shape of its first output.
    pub output: Vec<usize>,
}

impl Model {
    /// Infers all shapes and counts multiply-adds and parameters.
    ///
    /// # Errors
    /// [`Error::Node`] for an unknown operator or shapes that do not fit, [`Error::OpenShape`] for an input of open size,
    /// [`Error::Overflow`] for counts beyond 64 bits.
    pub fn account(&self, assume: &Assume) -> Result<Account> {
        let mut walk = Walk { opset: self.opset, facts: constants(&self.graph), counted: HashSet::new() };
        for input in &self.graph.inputs {
            walk.facts.insert(input.name.clone(), Fact::new(assume.shape(input)?));
        }
        let nodes: Vec<NodeAccount> = self.graph.nodes.iter().map(|n| walk.node(n)).collect::<Result<_>>()?;
        let unused = self.graph.initializers.iter().filter(|(name, _)| !walk.counted.contains(*name));
        Ok(Account {
            macs: total(nodes.iter().map(|n| n.macs), "multiply-adds")?,
            params: total(nodes.iter().map(|n| n.params), "parameters")?,
            unused: total(
                unused.filter_map(|(_, t)| Fact::constant(t).weight).map(|w| w.elements),
                "parameters",
            )?,
            nodes,
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
struct Walk {
    opset: i64,
    facts: BTreeMap<String, Fact>,
    /// Origins of the parameters that have been counted.
    counted: HashSet<String>,
}

impl Walk {
    fn node(&mut self, node: &Node) -> Result<NodeAccount> {
        let outcome = self.infer(node).map_err(|e| e.at(node.label(), &node.op_type))?;
        let params = if outcome.passes_weights { 0 } else { self.count(node)? };
        let account = NodeAccount {
            name: node.label().into(),
            op_type: node.op_type.clone(),
            macs: outcome.macs,
            params,
            output: outcome.outputs.first().map(|fact| fact.dims.clone()).unwrap_or_default(),
        };
        self.facts.extend(node.outputs.iter().cloned().zip(outcome.outputs));
        Ok(account)
    }

    fn infer(&self, node: &Node) -> Result<Outcome> {
        let operator = ops::find(&node.op_type).ok_or(Error::UnknownOperator)?;
        let inputs = node.inputs.iter().map(|name| self.facts.get(name)).collect();
        let outcome = operator(&Call { node, inputs, opset: self.opset })?;
        outcome.check(node)?;
        Ok(outcome)
    }

    /// Elements of the weights that this node is the first to use.
    fn count(&mut self, node: &Node) -> Result<u64> {
        let weights = node.inputs.iter().filter_map(|name| self.facts.get(name)?.weight.as_ref());
        let fresh = weights.filter(|w| self.counted.insert(w.origin.clone()));
        total(fresh.map(|w| w.elements), "parameters")
    }
}

fn constants(graph: &Graph) -> BTreeMap<String, Fact> {
    graph.initializers.iter().map(|(name, tensor)| (name.clone(), Fact::constant(tensor))).collect()
}

fn total(mut counts: impl Iterator<Item = u64>, what: &'static str) -> Result<u64> {
    counts.try_fold(0_u64, u64::checked_add).ok_or(Error::Overflow { what })
}
