//! What each node of a network takes, measured one node at a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;

use models::clock::{Cpu, Took};
use models::layer::{Conv2d, Layer};
use models::network::NodeId;
use serde::Serialize;
use tch::{Kind, Tensor};

use super::{Subject, Values};

/// What one node takes in a training step.
#[derive(Clone, Debug, Serialize)]
pub struct NodeProfile {
    /// Its path, such as `cells.3.edges.2_0.sep_conv_3x3.dw1`.
    pub path: String,
    /// What it does, with the form of a convolution: `depthwise 3x3`.
    pub kind: String,
    /// Wall seconds of the forward pass.
    pub forward_s: f64,
    /// Wall seconds of the backward pass, for its inputs and its weights.
    pub backward_s: f64,
    /// Bytes of its value.
    pub bytes: u64,
}

/// Each node that a pass over `images` `[N, 3, H, W]` computes, in order; least times of `repetitions`. `leaves`
/// are what else gets gradients, such as the architecture parameters.
///
/// Every node runs by itself on the values that it would get, and goes back from a random gradient. So a node's time is
/// that of its kernels, the caches as its neighbours would leave them not included; sums of gradients of nodes with
/// several readers are no node's.
#[must_use]
pub fn profile(
    subject: Subject<'_>,
    leaves: &[Tensor],
    images: &Tensor,
    repetitions: usize,
) -> Vec<NodeProfile> {
    let network = &subject.net.network;
    let wanted: Vec<NodeId> = network.outputs.iter().map(|output| output.node).collect();
    let mut values = Values::new(subject.net.uses(subject.mode, &wanted), images, subject.net.shortcuts);
    let mut profiles = Vec::new();
    for id in 1..network.nodes.len() {
        if values.is_used(id) {
            let (value, profile) = alone(subject, leaves, id, &mut values, repetitions.max(1));
            values.set(id, value);
            profiles.push(profile);
        }
    }
    profiles
}

/// Totals by kind of node, the costliest first, as a table in text.
#[must_use]
pub fn by_kind(nodes: &[NodeProfile]) -> String {
    let mut kinds: BTreeMap<&str, Totals> = BTreeMap::new();
    for node in nodes {
        kinds.entry(&node.kind).or_default().add(node);
    }
    let mut kinds: Vec<(&str, Totals)> = kinds.into_iter().collect();
    kinds.sort_by(|(_, a), (_, b)| b.seconds().total_cmp(&a.seconds()));
    let all: f64 = nodes.iter().map(NodeProfile::seconds).sum();
    let mut table = format!(
        "{:22}{:>6}{:>12}{:>12}{:>8}{:>9}\n",
        "kind", "nodes", "forward ms", "backward ms", "share", "MiB"
    );
    for (kind, totals) in kinds {
        let Totals { count, forward, backward, bytes } = totals;
        let (share, mebibytes) = (100.0 * totals.seconds() / all, bytes as f64 / f64::from(1 << 20));
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{kind:22}{count:>6}{:>12.1}{:>12.1}{share:>7.1}%{mebibytes:>9.1}",
            1e3 * forward,
            1e3 * backward
        );
    }
    table
}

#[derive(Clone, Copy, Default)]
struct Totals {
    count: usize,
    forward: f64,
    backward: f64,
    bytes: u64,
}

impl Totals {
    fn add(&mut self, node: &NodeProfile) {
        self.count += 1;
        self.forward += node.forward_s;
        self.backward += node.backward_s;
        self.bytes += node.bytes;
    }

    fn seconds(&self) -> f64 {
        self.forward + self.backward
    }
}

impl NodeProfile {
    /// Seconds of both passes.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.forward_s + self.backward_s
    }
}

fn alone(
    subject: Subject<'_>,
    extra: &[Tensor],
    id: NodeId,
    values: &mut Values,
    repetitions: usize,
) -> (Tensor, NodeProfile) {
    let node = &subject.net.network.nodes[id];
    let reads = values.read_by(&subject.net.sources(node, subject.mode));
    let [mut forward, mut backward] = [f64::INFINITY; 2];
    let mut value = Tensor::new();
    for _ in 0..repetitions {
        let (mut own, mut leaves) = reads.leaves();
        leaves.extend(subject.weights.of(&subject.net.layout, id).iter().map(Tensor::shallow_clone));
        leaves.extend(extra.iter().map(Tensor::shallow_clone));
        let (output, took) =
            time(|| subject.net.evaluate(id, subject.weights, subject.statistics, subject.mode, &mut own));
        forward = forward.min(took);
        value = output.detach();
        if output.requires_grad() {
            backward = backward.min(time_backward(&output, &leaves));
        }
    }
    let bytes = (value.numel() * value.kind().elt_size_in_bytes()) as u64;
    let backward_s = if backward.is_finite() { backward } else { 0.0 };
    (
        value,
        NodeProfile { path: node.path.clone(), kind: kind(&node.layer), forward_s: forward, backward_s, bytes },
    )
}

/// From a random gradient, less what making that gradient takes.
fn time_backward(output: &Tensor, leaves: &[Tensor]) -> f64 {
    let gradient = output.detach().randn_like();
    let back = |of: &Tensor, leaves: &[Tensor]| {
        let loss = (of * &gradient).sum(None::<Kind>);
        // The graph of the mixing weights is everyone's.
        time(|| black_box(Tensor::run_backward(&[&loss], leaves, true, false))).1
    };
    let bare = output.detach().set_requires_grad(true);
    let overhead = back(&bare, std::slice::from_ref(&bare));
    (back(output, leaves) - overhead).max(0.0)
}

fn time<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let (result, Took { wall, .. }) = Cpu::Process.time(work);
    (result, wall / 1e3)
}

fn kind(layer: &Layer) -> String {
    let Layer::Conv2d(conv) = layer else { return layer.kind().into() };
    let Conv2d { kernel: [height, width], groups, dilation, .. } = conv;
    let form = match (*groups > 1, dilation) {
        (true, [1, 1]) => "depthwise",
        (true, _) => "dilated depthwise",
        (false, _) => "conv",
    };
    format!("{form} {height}x{width}")
}
