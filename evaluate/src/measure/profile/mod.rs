//! Which node of a model each node of a runtime is, and what it has to compute.

mod names;
mod placement;

use std::collections::{HashMap, HashSet};

use models::onnx::Graph;

use crate::runtimes::NodeRuns;
use names::Names;
pub(crate) use placement::{Placed, flag, placed, shortfall};

/// A node of a runtime, seen from the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The model's name for what it computes, where there is one; otherwise the runtime's.
    pub(crate) name: String,
    /// Multiply-adds of the model's nodes that it stands for.
    pub(crate) macs: u64,
    /// Bytes of the weights of those nodes.
    pub(crate) weight_bytes: u64,
    /// Whether it stands for a node of the model; if not, the runtime has added it.
    pub(crate) is_known: bool,
}

/// Finds for each node of a runtime what it is in the model, whose nodes have so many multiply-adds each.
///
/// Runtimes name a fused node after one of the nodes in it, often the last: `relu2` for a convolution with its `Relu`. A node with
/// multiply-adds that no multiplying node is named after is therefore looked for among those that read from it. One that is not found is
/// left out: the sum then falls short of the model's.
pub(crate) fn join(graph: &Graph, macs: &[u64], nodes: &[NodeRuns]) -> Vec<Joined> {
    let names = Names::new(graph);
    let origins: Vec<Option<usize>> = nodes.iter().map(|node| names.find(&node.name)).collect();
    let owners = owners(nodes, &origins);
    let mut join =
        Join { readers: readers(graph), graph, nodes, carried: vec![Vec::new(); nodes.len()], owners };
    let multiplied = (0..graph.nodes.len()).filter(|&at| macs[at] > 0);
    let (named, fused): (Vec<usize>, Vec<usize>) =
        multiplied.partition(|at| join.multiplying_owner(*at).is_some());
    for at in named.into_iter().chain(fused) {
        let row = join.multiplying_owner(at).or_else(|| join.downstream(at)).or_else(|| join.owner(at));
        if let Some(row) = row {
            join.carried[row].push(at);
        }
    }
    let label = |at: &usize| graph.nodes[*at].label().to_string();
    let joined = nodes.iter().zip(&origins).enumerate().map(|(row, (node, origin))| {
        let carried = &join.carried[row];
        let named = origin.filter(|at| join.owners[at] == row);
        Joined {
            name: carried.first().or(named.as_ref()).map_or_else(|| node.name.clone(), label),
            macs: carried.iter().map(|&at| macs[at]).sum(),
            weight_bytes: carried.iter().map(|&at| weight_bytes(graph, at)).sum(),
            is_known: origin.is_some(),
        }
    });
    joined.collect()
}

struct Join<'a> {
    graph: &'a Graph,
    nodes: &'a [NodeRuns],
    /// Nodes of the model that read each value.
    readers: HashMap<&'a str, Vec<usize>>,
    /// The node of the runtime that stands for each node of the model that one is named after.
    owners: HashMap<usize, usize>,
    /// Nodes with multiply-adds that each node of the runtime stands for.
    carried: Vec<Vec<usize>>,
}

impl Join<'_> {
    fn owner(&self, at: usize) -> Option<usize> {
        self.owners.get(&at).copied()
    }

    fn multiplying_owner(&self, at: usize) -> Option<usize> {
        self.owner(at).filter(|&row| multiplies(&self.nodes[row].op))
    }

    /// The nearest node of the runtime after this node of the model, if it multiplies and nothing says yet what.
    fn downstream(&self, at: usize) -> Option<usize> {
        let (mut seen, mut front) = (HashSet::from([at]), vec![at]);
        while let Some(at) = front.pop() {
            for reader in self.readers_of(at).filter(|reader| seen.insert(*reader)) {
                match self.owner(reader) {
                    Some(row) if multiplies(&self.nodes[row].op) && self.carried[row].is_empty() => {
                        return Some(row);
                    }
                    Some(_) => {}
                    None => front.push(reader),
                }
            }
        }
        None
    }

    fn readers_of(&self, at: usize) -> impl Iterator<Item = usize> {
        let outputs = self.graph.nodes[at].outputs.iter();
        outputs.filter_map(|output| self.readers.get(output.as_str())).flatten().copied()
    }
}

fn weight_bytes(graph: &Graph, at: usize) -> u64 {
    let weights = graph.nodes[at].inputs.iter().filter_map(|input| graph.initializers.get(input));
    let bytes = weights.map(|tensor| tensor.elements() * tensor.data_type.bytes().unwrap_or(0));
    bytes.sum::<usize>() as u64
}

fn readers(graph: &Graph) -> HashMap<&str, Vec<usize>> {
    let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        for input in node.inputs.iter().filter(|input| !input.is_empty()) {
            readers.entry(input).or_default().push(at);
        }
    }
    readers
}

/// Where several nodes are named after one (padding, packing, multiplying), it is the one that multiplies, otherwise the first.
fn owners(nodes: &[NodeRuns], origins: &[Option<usize>]) -> HashMap<usize, usize> {
    let mut owners = HashMap::new();
    for (row, at) in origins.iter().enumerate().filter_map(|(row, origin)| Some((row, (*origin)?))) {
        let owner = owners.entry(at).or_insert(row);
        if !multiplies(&nodes[*owner].op) && multiplies(&nodes[row].op) {
            *owner = row;
        }
    }
    owners
}

/// Whether an operator of a runtime (`FusedConv`, `QLinearConv`, `OptMatMul`, `QGemm`) multiplies by weights.
fn multiplies(op: &str) -> bool {
    let op = op.to_ascii_lowercase();
    !op.ends_with("pack") && ["conv", "gemm", "matmul", "einsum"].iter().any(|kind| op.contains(kind))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use models::onnx::Node;

    use super::*;

    /// A node, named after its place, that writes a value of another name.
    fn node(name: &str, op: &str, inputs: &[&str]) -> Node {
        Node {
            op_type: op.into(),
            name: name.into(),
            inputs: inputs.iter().map(ToString::to_string).collect(),
            outputs: vec![format!("{name}:0")],
            attributes: BTreeMap::new(),
        }
    }

    fn graph(nodes: Vec<Node>) -> Graph {
        Graph {
            name: String::new(),
            nodes,
            initializers: BTreeMap::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            declared: BTreeMap::new(),
        }
    }

    fn ran(name: &str, op: &str) -> NodeRuns {
        NodeRuns {
            name: name.into(),
            op: op.into(),
            provider: None,
            activation_bytes: None,
            weight_bytes: 0,
            times: vec![1.0],
        }
    }

    fn block() -> Graph {
        graph(vec![
            node("e.dw1", "Conv", &["x"]),
            node("e.pw1", "Conv", &["e.dw1:0"]),
            node("e.relu2", "Relu", &["e.pw1:0"]),
            node("n.add", "Add", &["e.relu2:0", "x"]),
            node("fc", "Gemm", &["n.add:0"]),
        ])
    }

    fn found(joined: &[Joined]) -> Vec<(&str, u64, bool)> {
        joined.iter().map(|node| (node.name.as_str(), node.macs, node.is_known)).collect()
    }

    /// ONNX Runtime names a convolution with its `Relu` after that, or after the value that it writes.
    #[test]
    fn a_fused_convolution_is_found_behind_another_name() {
        for relu in ["e.relu2_nchwc", "e.relu2:0_nchwc"] {
            let nodes = [
                ran("ReorderInput_token_7", "ReorderInput"),
                ran("e.dw1_nchwc", "Conv"),
                ran(relu, "Conv"),
                ran("n.add/AddFusion/", "Add"),
                ran("fc", "Gemm"),
            ];
            let joined = join(&block(), &[20, 300, 0, 0, 4000], &nodes);
            let expected = [
                ("ReorderInput_token_7", 0, false),
                ("e.dw1", 20, true),
                ("e.pw1", 300, true),
                ("n.add", 0, true),
                ("fc", 4000, true),
            ];
            assert_eq!(found(&joined), expected);
        }
    }

    /// tract makes several nodes of one.
    #[test]
    fn of_several_nodes_the_multiplying_one_has_the_multiply_adds() {
        let nodes =
            [ran("e.pw1.pad", "Pad"), ran("e.pw1.im2col", "Im2col"), ran("e.pw1.matmatmul", "OptMatMul")];
        let joined = join(&block(), &[0, 300, 0, 0, 0], &nodes);
        assert_eq!(found(&joined), [("e.pw1.pad", 0, true), ("e.pw1.im2col", 0, true), ("e.pw1", 300, true)]);
    }

    /// tract names a fused multiplication after what follows it, and what is left of the convolution, a reshape, after that.
    #[test]
    fn a_reshape_does_not_multiply() {
        let nodes =
            [ran("e.pw1", "IntoShape"), ran("e.pw1.pack_a", "OptMatMulPack"), ran("e.relu2", "OptMatMul")];
        let joined = join(&block(), &[0, 300, 0, 0, 0], &nodes);
        let macs: Vec<u64> = joined.iter().map(|node| node.macs).collect();
        assert_eq!((macs, joined[2].name.as_str()), (vec![0, 0, 300], "e.pw1"));
    }

    /// No node takes over what another one computes.
    #[test]
    fn what_is_not_found_is_left_out() {
        let nodes = [ran("e.relu2", "Relu"), ran("n.add", "Add"), ran("fc", "Gemm")];
        let joined = join(&block(), &[20, 300, 0, 0, 4000], &nodes);
        assert_eq!(found(&joined), [("e.relu2", 0, true), ("n.add", 0, true), ("fc", 4000, true)]);
    }
}
