//! Bytes of a graph's activations.

use std::collections::{BTreeMap, HashMap};

use super::{
    attribute::Attribute,
    error::{Error, Result},
    model::{Graph, Node},
    ops::Fact,
    tensor::DataType,
};
use crate::memory::{Memory, Step};

/// Bytes of each value that a run allocates: not of constants, and 0 where the shape is unknown.
pub(super) struct Bytes(HashMap<String, u64>);

/// Bytes of each value. Elements are as wide as those of what a node reads first, but where it makes others of them; four bytes
/// where nothing is known.
///
/// # Errors
/// [`Error::Overflow`] when all values together have more than 64 bits can count.
pub(super) fn bytes(graph: &Graph, facts: &BTreeMap<String, Fact>) -> Result<Bytes> {
    let widths = widths(graph);
    let mut all = 0_u64;
    let mut bytes = HashMap::new();
    let is_constant = |name: &str, fact: &Fact| fact.is_constant() || graph.initializers.contains_key(name);
    for (name, fact) in facts.iter().filter(|(name, fact)| !is_constant(name, fact)) {
        let overflow = Error::Overflow { what: "bytes of activations" };
        let elements = fact.dims.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        let width = widths.get(name.as_str()).copied().unwrap_or(UNKNOWN);
        let size = elements.and_then(|elements| elements.checked_mul(width));
        all = size.and_then(|size| all.checked_add(size)).ok_or(overflow)?;
        bytes.insert(name.clone(), size.unwrap_or(0));
    }
    Ok(Bytes(bytes))
}

/// Bytes of an element of which nothing is known.
const UNKNOWN: u64 = 4;

/// Bytes of an element of each value.
fn widths(graph: &Graph) -> HashMap<&str, u64> {
    let of = |kind: DataType| kind.bytes().map_or(UNKNOWN, |bytes| bytes as u64);
    let inputs = graph.inputs.iter().map(|input| (input.name.as_str(), of(input.data_type)));
    let constants = graph.initializers.iter().map(|(name, tensor)| (name.as_str(), of(tensor.data_type)));
    let mut widths: HashMap<&str, u64> = inputs.chain(constants).collect();
    for node in &graph.nodes {
        let read = |at: usize| node.inputs.get(at).and_then(|name| widths.get(name.as_str())).copied();
        let width = match changed_width(node) {
            Some(width) => width,
            None => read(usize::from(node.op_type == "Where")).unwrap_or(UNKNOWN),
        };
        widths.extend(node.outputs.iter().map(|output| (output.as_str(), width)));
    }
    widths
}

/// Bytes of an element that a node makes, whatever it reads; none for nodes that keep the type.
fn changed_width(node: &Node) -> Option<u64> {
    let operator = node.op_type.strip_prefix("com.microsoft:").unwrap_or(&node.op_type);
    match operator {
        "Cast" => match node.attributes.get("to") {
            Some(Attribute::Int(code)) => {
                DataType::new(i32::try_from(*code).ok()?).bytes().map(|width| width as u64)
            }
            _ => None,
        },
        "QuantizeLinear"
        | "DynamicQuantizeLinear"
        | "QGemm"
        | "Equal"
        | "Greater"
        | "GreaterOrEqual"
        | "Less"
        | "LessOrEqual"
        | "And"
        | "Or"
        | "Xor"
        | "Not"
        | "IsNaN"
        | "IsInf" => Some(1),
        "DequantizeLinear" | "ConvInteger" | "MatMulInteger" => Some(4),
        "Shape" | "Size" | "ArgMax" | "ArgMin" | "NonZero" => Some(8),
        _ => operator.starts_with("QLinear").then_some(1),
    }
}

impl Bytes {
    /// Of these values together.
    pub(super) fn of(&self, values: &[String]) -> u64 {
        values.iter().filter_map(|value| self.0.get(value)).sum()
    }

    /// Of all values, and of those live at once while the nodes run in order.
    pub(super) fn memory(&self, graph: &Graph) -> Memory {
        let mut numbers = HashMap::new();
        let mut number = |value: &String| {
            let next = numbers.len();
            *numbers.entry(value.clone()).or_insert(next)
        };
        let live = |value: &&String| self.0.contains_key(*value);
        let inputs = graph.inputs.iter().map(|input| &input.name).filter(live);
        let mut steps =
            vec![Step { reads: vec![], writes: inputs.map(|name| (number(name), self.0[name])).collect() }];
        for node in &graph.nodes {
            steps.push(Step {
                reads: node.inputs.iter().filter(live).map(&mut number).collect(),
                writes: node.outputs.iter().filter(live).map(|name| (number(name), self.0[name])).collect(),
            });
        }
        let kept: Vec<usize> =
            graph.outputs.iter().map(|output| &output.name).filter(live).map(&mut number).collect();
        Memory::of_steps(&steps, &kept)
    }
}
