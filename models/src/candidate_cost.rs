//! What each candidate of a supernet costs: the nodes that it alone needs.

use crate::cost::{Cost, node_cost};
use crate::layer::Layer;
use crate::network::{Network, NodeId};

/// A supernet's cost by its choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateCosts {
    /// What every choice needs: stem, head, and what several candidates share.
    pub fixed: Cost,
    /// What one candidate alone needs, `[table][row][op]`, summed over the choice points that share the row.
    pub candidates: Vec<Vec<Vec<Cost>>>,
}

impl CandidateCosts {
    /// The costs of a supernet. A network of one choice per row costs the fixed part and its candidates; batch norms have
    /// gains and shifts only where those of the supernet do.
    #[must_use]
    pub fn of(supernet: &Network) -> Self {
        let row = |row: &crate::network::Row| vec![Cost::default(); row.ops.len()];
        let empty = supernet.tables.iter().map(|table| table.rows.iter().map(row).collect());
        let mut costs = Self { fixed: Cost::default(), candidates: empty.collect() };
        for (node, owner) in supernet.nodes.iter().zip(owners(supernet)) {
            let cost = node_cost(supernet, node);
            let sum = match owner {
                Owner::Nobody => continue,
                Owner::All => &mut costs.fixed,
                Owner::Candidate { mix, k } => match &supernet.nodes[mix].layer {
                    Layer::Mix(mix) => &mut costs.candidates[mix.table][mix.row][k],
                    _ => continue,
                },
            };
            *sum = *sum + cost;
        }
        costs
    }
}

/// Who needs a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// No result does.
    Nobody,
    /// One candidate of one choice point.
    Candidate { mix: NodeId, k: usize },
    /// Several, or the network whatever is chosen.
    All,
}

impl Owner {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, owner) | (owner, Self::Nobody) => owner,
            (one, other) if one == other => one,
            _ => Self::All,
        }
    }
}

/// The owner of each node. Choice points belong to all: none lies within a candidate of another.
pub(crate) fn owners(network: &Network) -> Vec<Owner> {
    let mut owners = vec![Owner::Nobody; network.nodes.len()];
    for output in &network.outputs {
        owners[output.node] = Owner::All;
    }
    for (id, node) in network.nodes.iter().enumerate().rev() {
        let is_mix = matches!(node.layer, Layer::Mix(_));
        if is_mix && owners[id] != Owner::Nobody {
            owners[id] = Owner::All;
        }
        for (k, &input) in node.inputs.iter().enumerate() {
            let reader = match owners[id] {
                Owner::All if is_mix => Owner::Candidate { mix: id, k },
                owner => owner,
            };
            owners[input] = owners[input].and(reader);
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::total;
    use crate::genotype::Genotype;
    use crate::spaces::skeleton::{Skeleton, Stem};
    use crate::spaces::{self, SearchSpace, SpaceOptions};

    /// The fixed part and the candidates of a genotype of which every row has one operation.
    fn chosen(costs: &CandidateCosts, supernet: &Network, genotype: &Genotype) -> Cost {
        let cells = genotype.cells().map(|(_, cell)| cell);
        let mut sum = costs.fixed;
        for ((cell, table), costs) in cells.zip(&supernet.tables).zip(&costs.candidates) {
            for edge in &cell.edges {
                let name = edge.name();
                let row = table.rows.iter().position(|row| row.edge == name).unwrap();
                let op = table.rows[row].ops.iter().position(|op| *op == edge.op).unwrap();
                sum = sum + costs[row][op];
            }
        }
        sum
    }

    /// The genotype with the operation that `pick` gives for each row.
    fn picked(space: &dyn SearchSpace, supernet: &Network, pick: impl Fn(usize, usize) -> usize) -> Genotype {
        let weights = |(at, row): (usize, &crate::network::Row)| {
            let count = row.ops.len();
            (0..count).map(|op| f64::from(u8::from(op == pick(at, count) % count))).collect()
        };
        let tables = supernet.tables.iter();
        let weights: Vec<Vec<Vec<f64>>> =
            tables.map(|table| table.rows.iter().enumerate().map(weights).collect()).collect();
        space.derive(&supernet.tables, &weights)
    }

    fn sizes(space: &dyn SearchSpace) -> [Skeleton; 2] {
        let published = Skeleton { auxiliary: false, ..space.published(Stem::Cifar) };
        [published, Skeleton { cells: 7, channels: 8, classes: 10, size: [32, 32], ..published }]
    }

    #[test]
    fn one_choice_per_row_costs_what_its_derived_network_costs() {
        for (name, ops) in [("mobile", 7), ("nb201", 5)] {
            let space = spaces::by_name(name).unwrap();
            for size in sizes(space) {
                let supernet = space.supernet(&size, SpaceOptions::default()).unwrap();
                let costs = CandidateCosts::of(&supernet);
                // Each operation everywhere (the corners), then mixtures.
                for nth in 0..3 * ops {
                    let pick = |row: usize, _| if nth < ops { nth } else { row * row + row * nth / ops + nth };
                    let genotype = picked(space, &supernet, pick);
                    let derived = space.derived("derived", &genotype, &size).unwrap();
                    let (found, expected) = (chosen(&costs, &supernet, &genotype), total(&derived));
                    assert_eq!(found.macs, expected.macs, "{genotype}");
                    // NAS-Bench-201 searches without gains and shifts.
                    let weights = |cost: Cost| cost.parameters - cost.norm_parameters;
                    assert_eq!(weights(found), weights(expected), "{genotype}");
                }
            }
        }
    }

    #[test]
    fn in_the_darts_space_too() {
        let space = spaces::by_name("darts").unwrap();
        let size = Skeleton { channels: 8, cells: 8, auxiliary: false, ..Skeleton::cifar(10) };
        let supernet = space.supernet(&size, SpaceOptions::default()).unwrap();
        let costs = CandidateCosts::of(&supernet);
        for name in ["noisydarts-a", "darts-v1", "darts-v2"] {
            let genotype = crate::zoo::by_name(name).unwrap().genotype().unwrap();
            let derived = space.derived("derived", &genotype, &size).unwrap();
            assert_eq!(chosen(&costs, &supernet, &genotype).macs, total(&derived).macs, "{name}");
        }
    }
}
