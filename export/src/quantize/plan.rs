//! Which values are to be stored in bytes.

use std::collections::{BTreeMap, HashMap, HashSet};

use models::onnx::proto::NodeProto;

use super::operator::{Kind, Weighted, kind};
use super::source::Source;

/// What is to be done to a file.
#[derive(Debug)]
pub(super) struct Plan {
    /// Values to be stored in bytes, each with the value whose range it has: itself, but where it is moved only.
    pub(super) bytes: BTreeMap<String, String>,
    /// Nodes with weights, by their place in the file.
    pub(super) weighted: BTreeMap<usize, Weighted>,
    /// How many nodes on the pictures' way stay in 32-bit floats, by operator.
    pub(super) left: BTreeMap<String, usize>,
}

impl Plan {
    /// The values whose range must be known.
    pub(super) fn ranges(&self) -> Vec<String> {
        let owners: HashSet<&String> = self.bytes.values().collect();
        let mut owners: Vec<String> = owners.into_iter().cloned().collect();
        owners.sort_unstable();
        owners
    }
}

/// Decides. What a graph gives stays in floats.
pub(super) fn plan(source: &Source, input: &str) -> Plan {
    let graph = Ways::new(source, input);
    let mut plan = Plan { bytes: BTreeMap::new(), weighted: BTreeMap::new(), left: BTreeMap::new() };
    let wanted = graph.wanted();
    if wanted.contains(input) {
        plan.bytes.insert(input.into(), input.into());
    }
    for (at, (node, kind)) in graph.nodes.iter().zip(&graph.kinds).enumerate() {
        match kind {
            Kind::Weighted(weighted) => drop(plan.weighted.insert(at, *weighted)),
            Kind::Float if graph.carries.contains(first(&node.input)) => {
                *plan.left.entry(node.op_type.clone()).or_default() += 1;
            }
            _ => {}
        }
        let range = (*kind == Kind::Moves).then(|| plan.bytes.get(first(&node.input)).cloned()).flatten();
        let stored = graph.stored(node, *kind, range.is_some());
        for output in node.output.iter().filter(|output| graph.carries.contains(output.as_str())) {
            if stored || wanted.contains(output.as_str()) {
                plan.bytes.insert(output.clone(), range.clone().unwrap_or_else(|| output.clone()));
            }
        }
    }
    plan
}

/// The nodes, and who reads what.
struct Ways<'a> {
    nodes: &'a [NodeProto],
    kinds: Vec<Kind>,
    /// Values that depend on the pictures.
    carries: HashSet<&'a str>,
    /// Places of the nodes that read each value.
    readers: HashMap<&'a str, Vec<usize>>,
    outputs: HashSet<&'a str>,
}

impl<'a> Ways<'a> {
    fn new(source: &'a Source, input: &'a str) -> Self {
        let (nodes, constants) = (source.nodes(), source.constants());
        let (mut carries, mut kinds) = (HashSet::from([input]), Vec::with_capacity(nodes.len()));
        let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, node) in nodes.iter().enumerate() {
            let on_the_way = node.input.iter().any(|input| carries.contains(input.as_str()));
            let kind = kind(node, &constants, |value| carries.contains(value));
            kinds.push(if on_the_way { kind } else { Kind::Aside });
            if on_the_way && kind != Kind::Aside {
                carries.extend(node.output.iter().map(String::as_str));
            }
            node.input.iter().for_each(|input| readers.entry(input).or_default().push(at));
        }
        let outputs = source.model.graph.outputs.iter().map(|output| output.name.as_str()).collect();
        Self { nodes, kinds, carries, readers, outputs }
    }

    /// The values that a node reads in bytes.
    fn wanted(&self) -> HashSet<&'a str> {
        let mut wanted = HashSet::new();
        for (node, kind) in self.nodes.iter().zip(&self.kinds).rev() {
            let moved = *kind == Kind::Moves && wanted.contains(first(&node.output));
            match kind {
                Kind::Bytes => wanted.extend(node.input.iter().map(String::as_str)),
                Kind::Weighted(_) => drop(wanted.insert(first(&node.input))),
                _ if moved => drop(wanted.insert(first(&node.input))),
                _ => {}
            }
        }
        wanted
    }

    /// Whether what a node gives is stored in bytes whoever reads it.
    fn stored(&self, node: &NodeProto, kind: Kind, reads_bytes: bool) -> bool {
        let output = first(&node.output);
        if self.outputs.contains(output) {
            return false;
        }
        match kind {
            Kind::Weighted(_) | Kind::Bytes => !self.is_clamped(output),
            Kind::Moves => reads_bytes,
            Kind::Clamps => self.is_clamped(first(&node.input)),
            Kind::Float | Kind::Aside => false,
        }
    }

    /// Whether the only one to read a value that was computed in bytes is a node that cuts numbers off.
    fn is_clamped(&self, value: &str) -> bool {
        let computes = |node: &NodeProto| node.output.iter().any(|output| output == value);
        let from = self.nodes.iter().position(computes);
        let computed = from.is_some_and(|at| matches!(self.kinds[at], Kind::Weighted(_) | Kind::Bytes));
        let readers = self.readers.get(value).map_or(&[][..], Vec::as_slice);
        let clamped = matches!(readers, [reader] if self.kinds[*reader] == Kind::Clamps);
        computed && clamped && !self.outputs.contains(value)
    }
}

fn first(values: &[String]) -> &str {
    values.first().map_or("", String::as_str)
}
