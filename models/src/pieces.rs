//! A supernet taken apart: its distinct operations and its fixed parts as networks of their own, as a latency look-up table needs
//! them.

use crate::candidate_cost::{Owner, owners};
use crate::error::Error;
use crate::layer::Layer;
use crate::network::{Network, Node, NodeId, Output, Row};

/// The parts of a supernet. Numbers count [`Pieces::networks`].
#[derive(Clone, Debug)]
pub struct Pieces {
    /// Distinct parts, each with one input and one output.
    pub networks: Vec<Network>,
    /// What every choice needs: stem and head.
    pub fixed: Vec<usize>,
    /// The parts that an operation is, `[row][op]`, table after table: several where choice points share the row, none for one
    /// that does nothing.
    pub rows: Vec<Vec<Vec<usize>>>,
}

impl Pieces {
    /// The parts of this supernet.
    ///
    /// # Errors
    /// [`Error::Size`] where a part reads several others, as the nodes of a cell do: its parts are not a row of networks.
    pub fn of(supernet: &Network) -> Result<Self, Error> {
        let row = |row: &Row| vec![Vec::new(); row.ops.len()];
        let rows: Vec<Vec<_>> = supernet.tables.iter().flat_map(|table| &table.rows).map(row).collect();
        let mut pieces = Self { networks: Vec::new(), fixed: Vec::new(), rows };
        let owners = owners(supernet);
        for part in fixed(supernet, &owners) {
            let piece = pieces.add(supernet, &part)?;
            pieces.fixed.push(piece);
        }
        for (id, node) in supernet.nodes.iter().enumerate() {
            let Layer::Mix(mix) = &node.layer else { continue };
            let before: usize = supernet.tables[..mix.table].iter().map(|table| table.rows.len()).sum();
            for k in 0..node.inputs.len() {
                let part = of(&owners, |owner| owner == Owner::Candidate { mix: id, k });
                if !part.is_empty() {
                    let piece = pieces.add(supernet, &part)?;
                    pieces.rows[before + mix.row][k].push(piece);
                }
            }
        }
        Ok(pieces)
    }

    /// The number of this part, a new one where no equal one is there.
    fn add(&mut self, supernet: &Network, part: &[NodeId]) -> Result<usize, Error> {
        let network = cut(supernet, part)?;
        if let Some(at) = self.networks.iter().position(|known| same(known, &network)) {
            return Ok(at);
        }
        self.networks.push(network);
        Ok(self.networks.len() - 1)
    }
}

fn of(owners: &[Owner], is_part: impl Fn(Owner) -> bool) -> Vec<NodeId> {
    owners.iter().enumerate().filter(|(_, owner)| is_part(**owner)).map(|(id, _)| id).collect()
}

/// What is left when the choice points are taken out: the nodes that hang together, in groups.
fn fixed(supernet: &Network, owners: &[Owner]) -> Vec<Vec<NodeId>> {
    let mut groups: Vec<Vec<NodeId>> = Vec::new();
    for id in of(owners, |owner| owner == Owner::All) {
        let node = &supernet.nodes[id];
        if matches!(node.layer, Layer::Mix(_)) {
            continue;
        }
        let (joined, mut apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| node.inputs.iter().any(|input| group.contains(input)));
        let group: Vec<NodeId> = joined.into_iter().flatten().chain([id]).collect();
        apart.push(group);
        groups = apart;
    }
    // A picture that goes straight into a choice point is no part.
    groups.retain(|group| *group != [0]);
    groups
}

/// Part of a network as a network of its own. Its nodes keep their paths.
fn cut(whole: &Network, part: &[NodeId]) -> Result<Network, Error> {
    let name = &whole.nodes[part[part.len() - 1]].path;
    let outside = |id: &NodeId| !part.contains(id) || *id == 0;
    let mut reads: Vec<NodeId> =
        part.iter().flat_map(|&id| &whole.nodes[id].inputs).copied().filter(outside).collect();
    reads.sort_unstable();
    reads.dedup();
    let [from] = reads[..] else {
        let expected = "a space whose layers follow each other, such as mobile".into();
        let found =
            format!("{}, of which the part that ends in {name} reads {} others", whole.name, reads.len());
        return Err(Error::Size { what: "the supernet", expected, found });
    };
    let input =
        Node { path: "input".into(), layer: Layer::Input, inputs: vec![], shape: whole.nodes[from].shape };
    let (mut nodes, mut moved) = (vec![input], vec![(from, 0)]);
    for &id in part.iter().filter(|&&id| id != 0) {
        let place = |input: &NodeId| moved.iter().find(|(old, _)| old == input).map_or(0, |&(_, new)| new);
        let inputs = whole.nodes[id].inputs.iter().map(place).collect();
        nodes.push(Node { inputs, ..whole.nodes[id].clone() });
        moved.push((id, nodes.len() - 1));
    }
    let outputs = vec![Output { name: "logits".into(), node: nodes.len() - 1 }];
    Ok(Network { name: name.clone(), nodes, outputs, tables: Vec::new() })
}

/// Whether two networks compute the same but for their weights.
fn same(a: &Network, b: &Network) -> bool {
    let steps = |network: &Network| {
        let steps = network.nodes.iter().map(|node| (node.layer.clone(), node.inputs.clone(), node.shape));
        steps.collect::<Vec<_>>()
    };
    steps(a) == steps(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate_cost::CandidateCosts;
    use crate::cost::{Cost, total};
    use crate::spaces::skeleton::Stem;
    use crate::spaces::{self, SpaceOptions};

    /// The parts cost what the supernet's accounting says of them, and nothing is left out.
    #[test]
    fn parts_cost_what_the_whole_does() {
        let space = spaces::by_name("mobile").unwrap();
        let supernet = space.supernet(&space.published(Stem::ImageNet), SpaceOptions::default()).unwrap();
        let (pieces, costs) = (Pieces::of(&supernet).unwrap(), CandidateCosts::of(&supernet));
        let sum = |numbers: &[usize]| {
            numbers.iter().fold(Cost::default(), |sum, &at| sum + total(&pieces.networks[at]))
        };
        assert_eq!(sum(&pieces.fixed).macs, costs.fixed.macs);
        for (row, expected) in pieces.rows.iter().zip(costs.candidates.iter().flatten()) {
            let found: Vec<u64> = row.iter().map(|numbers| sum(numbers).macs).collect();
            assert_eq!(found, expected.iter().map(|cost| cost.macs).collect::<Vec<_>>());
        }
        // Stem and head; six blocks in each of eleven places: a stage's first layer and its others, the last stage has one.
        assert_eq!((pieces.fixed.len(), pieces.networks.len()), (2, 2 + 11 * 6));
        assert!(pieces.rows[1][6].is_empty(), "a skip connection is no part");
    }

    #[test]
    fn cells_are_refused() {
        let space = spaces::by_name("darts").unwrap();
        let supernet = space.supernet(&space.published(Stem::Cifar), SpaceOptions::default()).unwrap();
        let error = Pieces::of(&supernet).unwrap_err().to_string();
        assert!(error.contains("a space whose layers follow each other"), "{error}");
    }
}
