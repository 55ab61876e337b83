//! Rebuilding a supernet with other choice points.

use models::error::Error;
use models::layer::{Layer, Mix};
use models::network::{Builder, Network, Node, NodeId};

/// What becomes of a supernet's nodes.
pub(super) trait Edit {
    /// Whether choice points get candidates of their own, so that the old ones are left out.
    fn replaces_candidates(&self) -> bool {
        false
    }

    /// Appends what a choice point becomes, from the new numbers of its candidates.
    fn choice(&mut self, b: &mut Builder, site: &Site<'_>, candidates: &[NodeId]) -> Result<NodeId, Error>;

    /// What any other node computes.
    fn layer(&self, node: &Node) -> Layer {
        node.layer.clone()
    }
}

/// A choice point on its way into the new network.
pub(super) struct Site<'a> {
    /// The node of the old network.
    pub(super) node: &'a Node,
    /// Its place in the tables.
    pub(super) mix: &'a Mix,
    /// The path that it shares with its candidates: `cells.3.edges.2_0`.
    pub(super) edge: &'a str,
    /// What its candidates read, in the new network.
    pub(super) source: NodeId,
}

/// The edited network, as yet without tables.
///
/// # Errors
/// When a shape does not fit any more; names the node.
pub(super) fn rebuild(network: &Network, edit: &mut dyn Edit) -> Result<Network, Error> {
    let mut b = Builder::new(network.name.clone(), network.input());
    let left_out = edit.replaces_candidates().then(|| candidates(network));
    let mut moved: Vec<NodeId> = vec![b.input()];
    for (id, node) in network.nodes.iter().enumerate().skip(1) {
        if left_out.as_ref().is_some_and(|left_out| left_out[id]) {
            // Nothing but its choice point reads it.
            moved.push(b.input());
            continue;
        }
        let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| moved[input]).collect();
        moved.push(match edge_of(node) {
            Some((mix, edge)) => {
                let source = moved[source(network, node, edge)];
                edit.choice(&mut b, &Site { node, mix, edge, source }, &inputs)?
            }
            None => b.push(node.path.clone(), edit.layer(node), &inputs)?,
        });
    }
    for output in &network.outputs {
        b.output(&output.name, moved[output.node]);
    }
    b.finish()
}

/// The edge that a choice point's node and those of its candidates lie below.
fn edge_of(node: &Node) -> Option<(&Mix, &str)> {
    let Layer::Mix(mix) = &node.layer else { return None };
    Some((mix, node.path.strip_suffix(".mix").unwrap_or(&node.path)))
}

fn is_below(path: &str, edge: &str) -> bool {
    path.strip_prefix(edge).is_some_and(|rest| rest.starts_with('.'))
}

/// What the candidates of a choice point read: the first node above them that is not theirs.
fn source(network: &Network, node: &Node, edge: &str) -> NodeId {
    let mut id = node.inputs[0];
    while is_below(&network.nodes[id].path, edge) {
        id = network.nodes[id].inputs[0];
    }
    id
}

/// Which nodes belong to the candidates of a choice point.
fn candidates(network: &Network) -> Vec<bool> {
    let mut belongs = vec![false; network.nodes.len()];
    for (_, edge) in network.nodes.iter().filter_map(edge_of) {
        for (id, node) in network.nodes.iter().enumerate() {
            belongs[id] |= is_below(&node.path, edge) && edge_of(node).is_none();
        }
    }
    belongs
}
