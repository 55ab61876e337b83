//! What conventions count in an ONNX graph, node by node, by the rules of [`crate::conventions::per_node`].
//!
//! Operators are those of the file: batch norms that were folded are not there, a Swish may be a Sigmoid and a product, the
//! means of squeeze-and-excitation may be pools or reductions.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::attribute::Attribute;
use super::model::{Graph, Node};
use super::ops::Fact;
use crate::conventions::{Term, Terms};

/// A graph whose shapes are known, as far as they are.
pub(super) struct Counter<'a> {
    graph: &'a Graph,
    facts: &'a BTreeMap<String, Fact>,
    /// The node that writes each value.
    writers: HashMap<&'a str, usize>,
    /// The mean that each node goes back to by its first inputs, if any.
    means: Vec<Option<usize>>,
    /// Nodes that average for squeeze-and-excitation.
    squeezes: HashSet<usize>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(graph: &'a Graph, facts: &'a BTreeMap<String, Fact>) -> Self {
        let writers = writers(graph);
        let means = means(graph, &writers);
        let mut counter = Self { graph, facts, writers, means, squeezes: HashSet::new() };
        counter.squeezes = graph.nodes.iter().filter_map(|node| counter.squeeze(node)).collect();
        counter
    }

    /// The terms of node `at`, which has these multiply-adds.
    pub(super) fn terms(&self, at: usize, macs: u64) -> Terms {
        let node = &self.graph.nodes[at];
        let (read, written) = (self.elements(node.inputs.first()), self.elements(node.outputs.first()));
        let mut terms = Terms::one(Term::ConvLinear, macs);
        match node.op_type.as_str() {
            "Conv" | "ConvTranspose" | "Gemm" | "com.microsoft:FusedConv" | "com.microsoft:FusedGemm"
                if node.inputs.get(2).is_some_and(|bias| !bias.is_empty()) =>
            {
                terms[Term::Bias] = written;
            }
            "BatchNormalization" => terms[Term::BatchNorm] = written,
            "GlobalAveragePool" | "ReduceMean" if self.squeezes.contains(&at) => terms[Term::Squeezed] = read,
            "GlobalAveragePool" => {
                terms[Term::GlobalIn] = read;
                terms[Term::GlobalOut] = written;
            }
            "AveragePool" => {
                terms[Term::AverageIn] = read;
                terms[Term::AverageOut] = written;
            }
            "MaxPool" => terms[Term::MaxIn] = read,
            "Relu" => terms[Term::Relu] = written,
            "Clip" if self.is_relu6(node) => terms[Term::Relu6] = written,
            "Swish" | "com.microsoft:QuickGelu" => terms[Term::Swish] = written,
            "Mul" if self.is_swish(node) => terms[Term::Swish] = written,
            _ => {}
        }
        terms
    }

    fn shape(&self, value: Option<&String>) -> Option<&[usize]> {
        self.facts.get(value?).map(|fact| fact.dims.as_slice())
    }

    fn elements(&self, value: Option<&String>) -> u64 {
        self.shape(value).map_or(0, |dims| dims.iter().product::<usize>() as u64)
    }

    fn writer(&self, value: &str) -> Option<(usize, &'a Node)> {
        let at = *self.writers.get(value)?;
        Some((at, &self.graph.nodes[at]))
    }

    /// The mean that a gate begins with, if this node multiplies a map and a gate.
    fn squeeze(&self, node: &Node) -> Option<usize> {
        let [a, b] = node.inputs.as_slice() else { return None };
        let is_gate = |gate: &String, map: &String| match (self.shape(Some(gate)), self.shape(Some(map))) {
            (Some([_, c, 1, 1]), Some([_, channels, h, w])) => c == channels && h * w > 1,
            _ => false,
        };
        let gate = [(a, b), (b, a)].into_iter().find(|(gate, map)| is_gate(gate, map))?.0;
        let (at, _) = self.writer(gate).filter(|_| node.op_type == "Mul")?;
        self.means[at]
    }

    /// x · sigmoid(x)
    fn is_swish(&self, node: &Node) -> bool {
        let [a, b] = node.inputs.as_slice() else { return false };
        let is_gate = |gate: &str, x: &String| {
            let writer = self.writer(gate).map(|(_, node)| node);
            writer.is_some_and(|node| node.op_type == "Sigmoid" && node.inputs.first() == Some(x))
        };
        is_gate(a, b) || is_gate(b, a)
    }

    /// A clip to 0 and 6, but of a hard sigmoid, which shifts by 3 before.
    fn is_relu6(&self, node: &Node) -> bool {
        let limits = [self.limit(node, 1, "min"), self.limit(node, 2, "max")];
        let shifted = node.inputs.first().and_then(|x| self.writer(x)).is_some_and(|(_, node)| {
            node.op_type == "Add" && node.inputs.iter().any(|x| self.number(x).is_some())
        });
        limits == [Some(0.0), Some(6.0)] && !shifted
    }

    fn limit(&self, node: &Node, input: usize, attribute: &str) -> Option<f32> {
        match node.attributes.get(attribute) {
            Some(Attribute::Float(limit)) => Some(*limit),
            _ => self.number(node.inputs.get(input)?),
        }
    }

    fn number(&self, value: &str) -> Option<f32> {
        self.facts.get(value)?.number()
    }
}

fn writers(graph: &Graph) -> HashMap<&str, usize> {
    let outputs = graph.nodes.iter().enumerate();
    let named = outputs.flat_map(|(at, node)| node.outputs.iter().map(move |output| (output.as_str(), at)));
    named.filter(|(output, _)| !output.is_empty()).collect()
}

/// The mean that each node goes back to by its first inputs: itself, if it is one. Nodes come after those they read from, so one
/// pass is enough.
fn means(graph: &Graph, writers: &HashMap<&str, usize>) -> Vec<Option<usize>> {
    let mut means: Vec<Option<usize>> = Vec::with_capacity(graph.nodes.len());
    for (at, node) in graph.nodes.iter().enumerate() {
        let before = || means[*writers.get(node.inputs.first()?.as_str())?];
        let mean = matches!(node.op_type.as_str(), "GlobalAveragePool" | "ReduceMean").then_some(at);
        means.push(mean.or_else(before));
    }
    means
}
