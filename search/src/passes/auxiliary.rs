//! A skip connection beside the candidates of every choice point: the auxiliary one of DARTS-.

use models::error::Error;
use models::layer::Layer;
use models::network::{Builder, Network, NodeId, Table};
use models::primitive::{Style, factorized_reduce};

use super::edit::{Edit, Site, rebuild};

/// The auxiliary skip connection's name among the candidates, of which it is the last.
pub const AUXILIARY_SKIP: &str = "auxiliary_skip";

/// The supernet with one more candidate, [`AUXILIARY_SKIP`], at every choice point: the identity where the shape stays,
/// a factorized reduction with weights of its own where only the size halves. Where the number of channels changes there
/// is no skip connection, so none is added.
///
/// # Errors
/// When height, width or channels are odd at a choice point of stride 2.
pub fn with_auxiliary_skips(network: &Network) -> Result<Network, Error> {
    let mut edit = Auxiliary { tables: network.tables.clone() };
    let rebuilt = rebuild(network, &mut edit)?;
    Ok(Network { tables: edit.tables, ..rebuilt })
}

struct Auxiliary {
    tables: Vec<Table>,
}

impl Edit for Auxiliary {
    fn choice(&mut self, b: &mut Builder, site: &Site<'_>, candidates: &[NodeId]) -> Result<NodeId, Error> {
        let skip = skip(b, site)?;
        if skip.is_some() {
            name(&mut self.tables[site.mix.table], site.mix.row);
        }
        let candidates: Vec<NodeId> = candidates.iter().copied().chain(skip).collect();
        b.push(site.node.path.clone(), Layer::Mix(site.mix.clone()), &candidates)
    }
}

fn skip(b: &mut Builder, site: &Site<'_>) -> Result<Option<NodeId>, Error> {
    let (from, to) = (b.shape(site.source), site.node.shape);
    if from == to {
        return Ok(Some(site.source));
    }
    if from.channels() != to.channels() {
        return Ok(None);
    }
    let path = format!("{}.{AUXILIARY_SKIP}", site.edge);
    factorized_reduce(b, &path, site.source, to.channels(), Style::Search).map(Some)
}

/// Names the candidate once: all cells of a kind share the row.
fn name(table: &mut Table, row: usize) {
    let ops = &mut table.rows[row].ops;
    if ops.last().is_none_or(|op| op != AUXILIARY_SKIP) {
        ops.push(AUXILIARY_SKIP.into());
    }
}
