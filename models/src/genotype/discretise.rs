//! From mixing weights to operations.

use super::{CellGenotype, Edge, split_edge};
use crate::network::{Row, Table};
use crate::primitive::NONE;

/// Derives a cell as DARTS does (search-space §1.4): each intermediate node keeps the two predecessors whose
/// strongest operation other than `none` weighs most, each with that operation, in descending order. Ties keep
/// the lower predecessor and the earlier operation.
///
/// `weights[row][op]` are the mixing weights of `table`.
#[must_use]
pub fn discretise(table: &Table, weights: &[Vec<f64>]) -> CellGenotype {
    let mut best: Vec<(Edge, f64)> =
        table.rows.iter().zip(weights).map(|(row, weights)| strongest(row, weights, Some(NONE))).collect();
    // A stable sort: within a node, edges of equal weight stay in the order of their predecessors.
    best.sort_by(|a, b| a.0.node.cmp(&b.0.node).then(b.1.total_cmp(&a.1)));
    let mut edges: Vec<Edge> = Vec::new();
    for (edge, _) in best {
        if edges.iter().filter(|kept| kept.node == edge.node).count() < 2 {
            edges.push(edge);
        }
    }
    let mut concat: Vec<usize> = edges.iter().map(|edge| edge.node).collect();
    concat.dedup();
    CellGenotype { edges, concat }
}

/// Derives a cell that keeps every edge with its strongest operation, `none` included; its output is the last node.
///
/// `weights[row][op]` are the mixing weights of `table`.
#[must_use]
pub fn strongest_each(table: &Table, weights: &[Vec<f64>]) -> CellGenotype {
    let edges: Vec<Edge> =
        table.rows.iter().zip(weights).map(|(row, weights)| strongest(row, weights, None).0).collect();
    let concat = edges.iter().map(|edge| edge.node).max().into_iter().collect();
    CellGenotype { edges, concat }
}

/// The edge with its heaviest operation, one of them left out, and that operation's weight.
fn strongest(row: &Row, weights: &[f64], left_out: Option<&str>) -> (Edge, f64) {
    let (node, from) = split_edge(&row.edge).unwrap_or((2, 0));
    let mut best: Option<(&str, f64)> = None;
    for (op, &weight) in row.ops.iter().zip(weights).filter(|(op, _)| left_out != Some(op.as_str())) {
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((op, weight));
        }
    }
    let (op, weight) = best.unwrap_or((NONE, f64::NEG_INFINITY));
    (Edge { node, from, op: op.into() }, weight)
}
