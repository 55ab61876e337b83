//! Partial channels and edge normalisation: what PC-DARTS does to a supernet of DARTS's cells.

use models::error::Error;
use models::layer::{Layer, Mix, Pool};
use models::network::{Builder, Network, Node, NodeId, Row, Table};
use models::primitive::{OpSpec, Primitive, Style};

use super::edit::{Edit, Site, rebuild};

/// The supernet in which every choice point mixes its candidates on the first `1 / share` of the channels; the others go
/// round them, at stride 2 through a 2x2 max-pool, and a shuffle of `share` groups brings both together. Each node's sum of
/// edges becomes a choice point of its own. Its table follows the space's, one per kind of cell and named after it:
/// `normal.edges`, with a row per node, `2`, and its edges as candidates, `2_0`.
///
/// # Errors
/// When the channels of an edge are not divisible by `share`, or what is left of them does not fit a candidate; names it.
pub fn with_partial_channels(network: &Network, share: usize) -> Result<Network, Error> {
    let rebuilt = rebuild(network, &mut Partial { network, share })?;
    let tables = network.tables.iter().cloned().chain(network.tables.iter().map(edges)).collect();
    Ok(Network { tables, ..rebuilt })
}

/// The table that weighs the edges of a kind of cell.
fn edges(table: &Table) -> Table {
    let mut rows: Vec<Row> = Vec::new();
    for Row { edge, .. } in &table.rows {
        match rows.last_mut().filter(|row| row.edge == node_of(edge)) {
            Some(row) => row.ops.push(edge.clone()),
            None => rows.push(Row { edge: node_of(edge).into(), ops: vec![edge.clone()] }),
        }
    }
    Table { name: format!("{}.edges", table.name), rows }
}

/// The node that an edge `2_0` leads to.
fn node_of(edge: &str) -> &str {
    edge.split_once('_').map_or(edge, |(node, _)| node)
}

struct Partial<'a> {
    network: &'a Network,
    share: usize,
}

impl Edit for Partial<'_> {
    fn replaces_candidates(&self) -> bool {
        true
    }

    fn choice(&mut self, b: &mut Builder, site: &Site<'_>, _: &[NodeId]) -> Result<NodeId, Error> {
        let channels = b.shape(site.source).channels();
        let searched = self.searched(site.edge, channels)?;
        let path = |part: &str| format!("{}.{part}", site.edge);
        let stride = if b.shape(site.source) == site.node.shape { 1 } else { 2 };
        let spec = OpSpec { channels: searched, stride, style: Style::Search };
        let first = Layer::Channels { start: 0, count: searched };
        let first = b.push(path("searched"), first, &[site.source])?;
        let ops = &self.network.tables[site.mix.table].rows[site.mix.row].ops;
        let candidates: Result<Vec<NodeId>, Error> =
            ops.iter().map(|op| Primitive::by_name(op)?.build(b, &path(op), first, spec)).collect();
        let mixed = b.push(site.node.path.clone(), Layer::Mix(site.mix.clone()), &candidates?)?;
        let rest = Layer::Channels { start: searched, count: channels - searched };
        let mut rest = b.push(path("bypass"), rest, &[site.source])?;
        if stride == 2 {
            let pool = Layer::MaxPool(Pool { kernel: 2, stride: 2, padding: 0 });
            rest = b.push(path("bypass_pool"), pool, &[rest])?;
        }
        let both = b.push(path("concat"), Layer::Concat, &[mixed, rest])?;
        b.push(path("shuffle"), Layer::Shuffle { groups: self.share }, &[both])
    }

    /// A sum of edges becomes a mix of them.
    fn layer(&self, node: &Node) -> Layer {
        let first = node.inputs.first().map(|&input| &self.network.nodes[input].layer);
        let (Layer::Add, Some(Layer::Mix(mix))) = (&node.layer, first) else { return node.layer.clone() };
        let table = &self.network.tables[mix.table];
        let into = node_of(&table.rows[mix.row].edge);
        let row = edges(table).rows.iter().position(|row| row.edge == into);
        Layer::Mix(Mix { table: self.network.tables.len() + mix.table, row: row.unwrap_or(0) })
    }
}

impl Partial<'_> {
    /// How many of an edge's channels are searched.
    fn searched(&self, edge: &str, channels: usize) -> Result<usize, Error> {
        if channels.is_multiple_of(self.share) && channels > self.share {
            return Ok(channels / self.share);
        }
        Err(Error::Shape {
            path: edge.into(),
            layer: "partial channels",
            expected: format!("a multiple of pc_darts.k = {} channels, above it", self.share),
            found: format!("{channels}; set search.channels"),
        })
    }
}
