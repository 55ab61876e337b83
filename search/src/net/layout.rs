//! Where each node's tensors lie in the flat vectors of weights and statistics.

use std::ops::Range;

use models::layer::Role;
use models::network::{Network, NodeId};
use tch::Tensor;

use super::trace::is_finite;
use super::weights::part;

/// One stored tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name everywhere: node path and role, `stem.conv.weight`.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its dimensions.
    pub dims: Vec<i64>,
    /// Its elements in the flat vector.
    pub range: Range<i64>,
}

/// The places of all tensors of a network.
#[derive(Debug)]
pub struct Layout {
    /// Trained tensors in node order.
    pub weights: Vec<Slot>,
    /// Running means and variances in node order.
    pub statistics: Vec<Slot>,
    nodes: Vec<[Range<usize>; 2]>,
}

impl Layout {
    /// Lays out a network's tensors in node order.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        let mut layout = Self { weights: vec![], statistics: vec![], nodes: vec![] };
        for node in &network.nodes {
            let start = [layout.weights.len(), layout.statistics.len()];
            for spec in network.tensors(node) {
                let slots = if spec.role.is_trained() { &mut layout.weights } else { &mut layout.statistics };
                let from = slots.last().map_or(0, |slot| slot.range.end);
                let dims: Vec<i64> = spec.dims.iter().map(|&dim| dim as i64).collect();
                let name = format!("{}.{}", node.path, spec.role.suffix());
                slots.push(Slot {
                    name,
                    role: spec.role,
                    range: from..from + dims.iter().product::<i64>(),
                    dims,
                });
            }
            layout.nodes.push([start[0]..layout.weights.len(), start[1]..layout.statistics.len()]);
        }
        layout
    }

    /// Number of trained values.
    #[must_use]
    pub fn weight_count(&self) -> i64 {
        self.weights.last().map_or(0, |slot| slot.range.end)
    }

    /// Number of running statistics.
    #[must_use]
    pub fn statistic_count(&self) -> i64 {
        self.statistics.last().map_or(0, |slot| slot.range.end)
    }

    /// The name of the first trained tensor whose part of this flat vector is not finite.
    #[must_use]
    pub fn first_not_finite(&self, flat: &Tensor) -> Option<String> {
        first_not_finite(&self.weights, flat)
    }

    /// The name of the first running statistic whose part of this flat vector is not finite.
    #[must_use]
    pub fn first_statistic_not_finite(&self, flat: &Tensor) -> Option<String> {
        first_not_finite(&self.statistics, flat)
    }

    pub(super) fn node_weights(&self, node: NodeId) -> Range<usize> {
        self.nodes[node][0].clone()
    }

    pub(super) fn node_statistics(&self, node: NodeId) -> Range<usize> {
        self.nodes[node][1].clone()
    }
}

fn first_not_finite(slots: &[Slot], flat: &Tensor) -> Option<String> {
    slots.iter().find(|slot| !is_finite(&part(flat, slot))).map(|slot| slot.name.clone())
}
