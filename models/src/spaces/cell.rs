//! Cells of the DARTS family: the one function that builds them, for supernets and derived nets alike.

use crate::error::Error;
use crate::layer::{Layer, Mix};
use crate::network::{Builder, NodeId};
use crate::primitive::{OpSpec, Primitive, SKIP_CONNECT, Style, factorized_reduce, relu_conv_bn};

/// What stands on one edge of a cell.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// One operation.
    One(String),
    /// All candidates, mixed by this row of this table.
    Mix(Mix, Vec<String>),
}

/// One edge of a cell: nodes 0 and 1 are the cell's inputs, intermediate nodes count from 2.
#[derive(Clone, Debug)]
pub(crate) struct EdgePlan {
    pub(crate) node: usize,
    pub(crate) from: usize,
    pub(crate) choice: Choice,
}

/// A kind of cell: its edges, and the nodes whose concatenation is its output.
#[derive(Clone, Debug)]
pub(crate) struct CellPlan {
    pub(crate) edges: Vec<EdgePlan>,
    pub(crate) concat: Vec<usize>,
}

/// Where and how a cell is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellSite {
    pub(crate) index: usize,
    pub(crate) channels: usize,
    pub(crate) reduction: bool,
    pub(crate) previous_reduction: bool,
    pub(crate) style: Style,
}

impl CellSite {
    const fn spec(&self, from: usize) -> OpSpec {
        let stride = if self.reduction && from < 2 { 2 } else { 1 };
        OpSpec { channels: self.channels, stride, style: self.style }
    }
}

/// Appends a cell that reads the outputs of the two cells before it; returns its output.
pub(crate) fn build(
    b: &mut Builder,
    site: CellSite,
    plan: &CellPlan,
    inputs: [NodeId; 2],
) -> Result<NodeId, Error> {
    let path = format!("cells.{}", site.index);
    let mut states = preprocess(b, &path, site, inputs)?.map(Some).to_vec();
    let last = plan.edges.iter().map(|edge| edge.node).chain(plan.concat.iter().copied()).max().unwrap_or(1);
    for node in 2..=last {
        let terms = terms(b, &path, site, plan, node, &states)?;
        states.push(match terms[..] {
            [] => None,
            [only] => Some(only),
            _ => Some(b.push(format!("{path}.nodes.{node}"), Layer::Add, &terms)?),
        });
    }
    let outputs: Vec<NodeId> = plan.concat.iter().filter_map(|&node| states[node]).collect();
    b.push(format!("{path}.concat"), Layer::Concat, &outputs)
}

fn preprocess(
    b: &mut Builder,
    path: &str,
    site: CellSite,
    [s0, s1]: [NodeId; 2],
) -> Result<[NodeId; 2], Error> {
    let prepare0 = if site.previous_reduction { factorized_reduce } else { relu_conv_bn };
    Ok([
        prepare0(b, &format!("{path}.preprocess0"), s0, site.channels, site.style)?,
        relu_conv_bn(b, &format!("{path}.preprocess1"), s1, site.channels, site.style)?,
    ])
}

/// The outputs of the edges into one node. Edges that start at a node without inputs carry nothing
/// (`FairDARTS` c and g have such).
fn terms(
    b: &mut Builder,
    path: &str,
    site: CellSite,
    plan: &CellPlan,
    node: usize,
    states: &[Option<NodeId>],
) -> Result<Vec<NodeId>, Error> {
    let mut terms = Vec::new();
    let edges: Vec<&EdgePlan> = plan.edges.iter().filter(|edge| edge.node == node).collect();
    for (nth, edge) in edges.iter().enumerate() {
        let Some(x) = states[edge.from] else { continue };
        // NASNet-A joins two equal edges in one node; the second needs a name of its own.
        let twin = edges[..nth].iter().any(|earlier| earlier.from == edge.from);
        let edge_path = format!("{path}.edges.{node}_{}{}", edge.from, if twin { "_twin" } else { "" });
        terms.push(build_edge(b, &edge_path, site, edge, x)?);
    }
    Ok(terms)
}

fn build_edge(
    b: &mut Builder,
    path: &str,
    site: CellSite,
    edge: &EdgePlan,
    x: NodeId,
) -> Result<NodeId, Error> {
    let spec = site.spec(edge.from);
    match &edge.choice {
        Choice::One(op) => {
            let y = Primitive::by_name(op)?.build(b, &format!("{path}.{op}"), x, spec)?;
            let identity = op == SKIP_CONNECT && spec.stride == 1;
            if identity { Ok(y) } else { b.push(format!("{path}.drop_path"), Layer::DropPath, &[y]) }
        }
        Choice::Mix(mix, ops) => {
            let candidates: Result<Vec<NodeId>, Error> = ops
                .iter()
                .map(|op| Primitive::by_name(op)?.build(b, &format!("{path}.{op}"), x, spec))
                .collect();
            b.push(format!("{path}.mix"), Layer::Mix(mix.clone()), &candidates?)
        }
    }
}
