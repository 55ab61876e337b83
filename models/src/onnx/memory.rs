//! Bytes of a graph's activations.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    error::{Error, Result},
    model::Graph,
    tensor::DataType,
};
use crate::memory::{Memory, Step};

/// Bytes of each value that a run allocates: not of constants, and 0 where the shape is unknown.
pub(super) struct Bytes(HashMap<String, u64>);

/// Bytes of each value; elements are as wide as those of the first input, four bytes unless that says otherwise.
///
/// # Errors
/// [`Error::Overflow`] when all values together have more than 64 bits can count.
pub(super) fn bytes(
    graph: &Graph,
    shapes: &BTreeMap<String, Vec<usize>>,
    constants: &HashSet<String>,
) -> Result<Bytes> {
    let width = graph.inputs.first().map(|input| input.data_type).filter(|kind| kind.is_float());
    let width = width.and_then(DataType::bytes).unwrap_or(4) as u64;
    let mut all = 0_u64;
    let mut bytes = HashMap::new();
    for (name, dims) in shapes.iter().filter(|(name, _)| !constants.contains(*name)) {
        let overflow = Error::Overflow { what: "bytes of activations" };
        let elements = dims.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        let size = elements.and_then(|elements| elements.checked_mul(width));
        all = size.and_then(|size| all.checked_add(size)).ok_or(overflow)?;
        bytes.insert(name.clone(), size.unwrap_or(0));
    }
    Ok(Bytes(bytes))
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
