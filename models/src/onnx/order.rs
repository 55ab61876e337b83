//! Checks the names of a graph and puts its nodes into an order in which they can run.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use super::{
    error::{Error, Result},
    model::{Graph, Node},
};

/// Sorts the nodes so that each comes after those it reads from; nodes in such an order stay as they are.
pub(super) fn sort(graph: &mut Graph) -> Result<()> {
    let order = Names::new(graph)?.order(graph)?;
    let mut slots: Vec<Option<Node>> = std::mem::take(&mut graph.nodes).into_iter().map(Some).collect();
    graph.nodes = order.into_iter().filter_map(|i| slots[i].take()).collect();
    Ok(())
}

/// Where each value of a graph comes from.
struct Names<'a> {
    /// Inputs and initializers.
    given: HashSet<&'a str>,
    /// Outputs of nodes, and which node it is.
    produced: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn new(graph: &'a Graph) -> Result<Self> {
        let given = given(graph)?;
        let mut produced = HashMap::new();
        for (i, node) in graph.nodes.iter().enumerate() {
            for output in node.outputs.iter().filter(|o| !o.is_empty()) {
                if given.contains(output.as_str()) || produced.insert(output.as_str(), i).is_some() {
                    return Err(Error::Duplicate { value: output.clone() }.at(node.label(), &node.op_type));
                }
            }
        }
        Ok(Self { given, produced })
    }

    fn order(&self, graph: &Graph) -> Result<Vec<usize>> {
        let reads = |node: &Node| {
            let producers = self.producers(&node.inputs);
            producers.map_err(|e| e.at(node.label(), &node.op_type))
        };
        let waits: Vec<Vec<usize>> = graph.nodes.iter().map(reads).collect::<Result<_>>()?;
        self.producers(graph.outputs.iter().map(|output| &output.name))?;
        kahn(&waits).map_err(|stuck| Error::Cycle.at(graph.nodes[stuck].label(), &graph.nodes[stuck].op_type))
    }

    /// The nodes that write these values.
    fn producers<'b>(&self, values: impl IntoIterator<Item = &'b String>) -> Result<Vec<usize>> {
        let mut nodes = Vec::new();
        for value in values {
            match self.produced.get(value.as_str()) {
                Some(&node) => nodes.push(node),
                None if value.is_empty() || self.given.contains(value.as_str()) => {}
                None => return Err(Error::Missing { value: value.clone() }),
            }
        }
        Ok(nodes)
    }
}

fn given(graph: &Graph) -> Result<HashSet<&str>> {
    let mut given: HashSet<&str> = graph.initializers.keys().map(String::as_str).collect();
    if graph.inputs.iter().any(|input| input.name.is_empty()) || given.contains("") {
        return Err(Error::Unnamed);
    }
    for input in &graph.inputs {
        if !given.insert(&input.name) {
            return Err(Error::Duplicate { value: input.name.clone() });
        }
    }
    Ok(given)
}

/// Kahn's algorithm, taking the earliest node that is ready. `Err` is a node that waits for itself.
fn kahn(waits: &[Vec<usize>]) -> std::result::Result<Vec<usize>, usize> {
    let mut readers = vec![Vec::new(); waits.len()];
    let mut open: Vec<usize> = waits.iter().map(Vec::len).collect();
    for (node, producers) in waits.iter().enumerate() {
        for &producer in producers {
            readers[producer].push(node);
        }
    }
    let mut ready: BinaryHeap<_> = (0..open.len()).filter(|&i| open[i] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for &reader in &readers[node] {
            open[reader] -= 1;
            if open[reader] == 0 {
                ready.push(Reverse(reader));
            }
        }
    }
    match open.iter().position(|&count| count > 0) {
        Some(stuck) => Err(stuck),
        None => Ok(order),
    }
}

#[cfg(test)]
mod tests {
    use super::kahn;

    #[test]
    fn keeps_a_valid_order_and_finds_cycles() {
        assert_eq!(kahn(&[vec![], vec![0], vec![0, 1]]), Ok(vec![0, 1, 2]));
        assert_eq!(kahn(&[vec![1], vec![], vec![0]]), Ok(vec![1, 0, 2]));
        assert_eq!(kahn(&[vec![], vec![2], vec![1]]), Err(1));
        assert_eq!(kahn(&[vec![0]]), Err(0));
    }
}
