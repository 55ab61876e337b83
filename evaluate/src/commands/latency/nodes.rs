//! The nodes of a profile, for people: one by one, by operator, by cell and edge.

use super::{
    profile::{NodeTime, Profile, Summary, rate},
    result::ModelLatency,
    shape_text,
};
use crate::{
    measure::profile::flag,
    places::{cell, edge},
    report::{Cell, Table, count, milliseconds},
};

/// The tables of a model that was profiled, otherwise none.
pub(super) fn tables(model: &ModelLatency) -> Vec<Table> {
    let Some(Profile { nodes, profile }) = &model.profile else { return Vec::new() };
    let title = |what: &str| format!("{} {}: {what}", model.model, shape_text(&model.input));
    let mut each = each(nodes).titled(&title("nodes"));
    for note in profile.notes() {
        each.note(note);
    }
    let by_op = totals("op", &groups(nodes, |node| &node.op)).titled(&title("by operator"));
    let by_place = totals("part", &by_part(nodes)).titled(&title("by cell and edge"));
    vec![each, by_op, by_place]
}

fn each(nodes: &[NodeTime]) -> Table {
    let heads = ["node", "op", "ms", "%", "MACs", "bytes", "GMAC/s", "edge", "provider"];
    let mut table = Table::new(&heads).left(&[1, 7, 8]);
    for node in nodes {
        let [edge, provider] = [&node.edge, &node.provider].map(|text| text.clone().unwrap_or_default());
        table.row(&[
            node.name.as_str().into(),
            node.op.as_str().into(),
            milliseconds(Some(node.ms)).into(),
            share(node.share),
            Cell::Count(node.macs),
            node.bytes.map_or_else(|| "n/a".into(), Cell::Count),
            giga(node.gmacs_per_s),
            edge.into(),
            flag(&provider).into(),
        ]);
    }
    table
}

/// Nodes that are counted together.
struct Group {
    name: String,
    nodes: usize,
    ms: f64,
    share: f64,
    macs: u64,
}

/// Groups by name, in the order in which they are first met.
fn groups<'a>(nodes: impl IntoIterator<Item = &'a NodeTime>, name: impl Fn(&NodeTime) -> &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for node in nodes {
        let name = name(node);
        let at = groups.iter().position(|group| group.name == name).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(Group { name: name.into(), nodes: 0, ms: 0.0, share: 0.0, macs: 0 });
        }
        let group = &mut groups[at];
        group.nodes += 1;
        group.ms += node.ms;
        group.share += node.share;
        group.macs += node.macs;
    }
    groups
}

/// What is in no model.
const ADDED: &str = "added by the runtime";

/// Every cell, followed by its edges; a block is its own edge.
fn by_part(nodes: &[NodeTime]) -> Vec<Group> {
    let (own, added): (Vec<&NodeTime>, Vec<&NodeTime>) = nodes.iter().partition(|node| node.in_model);
    let cells = groups(own.iter().copied(), |node| cell(&node.name)).into_iter().flat_map(|whole| {
        let inside = own.iter().copied().filter(|node| cell(&node.name) == whole.name);
        let mut edges = groups(inside, |node| edge(&node.name));
        edges.retain(|edge| edge.name != whole.name);
        std::iter::once(whole).chain(edges)
    });
    cells.chain(groups(added, |_| ADDED)).collect()
}

fn totals(head: &str, groups: &[Group]) -> Table {
    let mut table = Table::new(&[head, "nodes", "ms", "%", "MACs", "GMAC/s"]);
    for group in groups {
        table.row(&[
            group.name.as_str().into(),
            Cell::Count(group.nodes as u64),
            milliseconds(Some(group.ms)).into(),
            share(group.share),
            Cell::Count(group.macs),
            giga(rate(group.macs, group.ms)),
        ]);
    }
    table
}

fn share(share: f64) -> Cell {
    format!("{:.2}", 100.0 * share).into()
}

fn giga(rate: Option<f64>) -> Cell {
    rate.map_or_else(String::new, |rate| format!("{rate:.2}")).into()
}

impl Summary {
    /// How far the times of nodes can be believed.
    fn notes(&self) -> Vec<String> {
        let Self { runs, node_clock, sum, clock, plain, profiled, macs_not_found } = self;
        let [nodes, more] = [sum / plain, profiled / plain - 1.0].map(|share| 100.0 * share);
        let mut notes = vec![format!(
            "lower quartiles of {runs} runs; a run takes {plain:.3} ms of {clock} time, with profiling {profiled:.3} ({more:+.1} %), \
             its nodes together {sum:.3} ms of {node_clock} time ({nodes:.1} % of a run)"
        )];
        notes.push("MACs: of the model's convolutions and linear layers in the node; bytes: of its inputs, weights and outputs".into());
        if *macs_not_found > 0 {
            notes.push(format!(
                "{} MACs of the model are in no node: computed ahead, the same as another node's, or not found",
                count(*macs_not_found)
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, ms: f64, macs: u64, in_model: bool) -> NodeTime {
        let (op, share) = ("Conv".into(), ms / 10.0);
        NodeTime {
            name: name.into(),
            op,
            provider: None,
            ms,
            share,
            macs,
            bytes: None,
            gmacs_per_s: None,
            edge: None,
            in_model,
        }
    }

    /// Nodes of cells come as the runtime runs them.
    #[test]
    fn cells_are_followed_by_their_edges() {
        let nodes = [
            node("stem.conv", 1.0, 100, true),
            node("cells.0.edges.2_0.sep_conv_3x3.dw1", 1.0, 10, true),
            node("cells.1.preprocess0.conv", 1.0, 20, true),
            node("ReorderInput", 1.0, 0, false),
            node("cells.0.edges.2_1.sep_conv_3x3.dw1", 2.0, 30, true),
            node("cells.0.edges.2_0.sep_conv_3x3.pw1", 4.0, 40, true),
        ];
        let groups = by_part(&nodes);
        let rows: Vec<(&str, usize, f64, u64)> =
            groups.iter().map(|group| (group.name.as_str(), group.nodes, group.ms, group.macs)).collect();
        let expected = [
            ("stem", 1, 1.0, 100),
            ("cells.0", 3, 7.0, 80),
            ("cells.0.edges.2_0", 2, 5.0, 50),
            ("cells.0.edges.2_1", 1, 2.0, 30),
            ("cells.1", 1, 1.0, 20),
            ("cells.1.preprocess0", 1, 1.0, 20),
            (ADDED, 1, 1.0, 0),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_rate_needs_something_to_do() {
        assert_eq!((rate(3_000_000, 1.5), rate(0, 1.5), rate(7, 0.0)), (Some(2.0), None, None));
    }
}
