//! The libtorch reader of a [`Network`]: one interpreter for supernets and derived nets.
//!
//! A forward pass is a function of (network, weights, statistics, mixing weights, images, mode). Nothing is
//! kept between passes but the batch norms' running statistics, so other weights or other mixing weights are
//! other arguments, not other code.

mod depthwise;
mod gradient;
mod layers;
pub mod layout;
mod mixing;
pub mod profile;
mod shortcuts;
mod trace;
mod weights;

pub use gradient::{Compute, Descent, Memory, Task};
pub(crate) use layers::drop_path;
pub use layout::Layout;
pub use mixing::{Candidate, Mixing};
pub use shortcuts::{Shortcut, Shortcuts};
pub use trace::{first_not_finite, is_finite};
pub(crate) use weights::concatenated;
pub use weights::{Statistics, Weights, flat_gradient, part};

use std::ops::Range;

use depthwise::channels_last;
use mixing::Term;
use models::layer::{BatchNorm, Layer, Mix};
use models::network::{Network, Node, NodeId};
use models::shape::Shape;
use tch::Tensor;

use crate::passes;

/// How a forward pass is run.
#[derive(Clone, Copy)]
pub struct Mode<'a> {
    /// Whether batch norms use and update batch statistics, and drop-path, dropout and noise are active.
    pub train: bool,
    /// Probability with which drop-path drops a sample's branch, in `[0, 1)`.
    pub drop_path: f64,
    /// What choice points do; derived nets have none.
    pub mixing: Option<&'a dyn Mixing>,
}

impl Mode<'_> {
    /// Running statistics, nothing random: how a network is evaluated.
    pub const EVALUATE: Mode<'static> = Mode { train: false, drop_path: 0.0, mixing: None };
}

/// A network with weights and how it is run.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The network.
    pub net: &'a Net,
    /// Its weights, on the device where it runs.
    pub weights: &'a Weights,
    /// Its running statistics; passes in training mode update them.
    pub statistics: &'a Statistics,
    /// How it is run.
    pub mode: Mode<'a>,
}

/// A network ready to run: with the places of its weights.
#[derive(Debug)]
pub struct Net {
    /// The network.
    pub network: Network,
    /// Which tensor of the flat weights belongs to which node.
    pub layout: Layout,
    /// Which batch norms may take a candidate's weight as their gain.
    foldable: Vec<bool>,
    /// What is computed again together where memory is short.
    parts: Vec<Range<NodeId>>,
    shortcuts: Shortcuts,
}

/// What a forward pass gives: one tensor per requested output, in order.
pub type Outputs = Vec<Tensor>;

impl Net {
    /// Prepares a network.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Self::with(network, Shortcuts::default())
    }

    /// Prepares a network that takes these shortcuts.
    #[must_use]
    pub fn with(network: Network, shortcuts: Shortcuts) -> Self {
        let network = if shortcuts.has(Shortcut::Share) { passes::share(&network) } else { network };
        let layout = Layout::new(&network);
        let foldable =
            if shortcuts.has(Shortcut::Fold) { foldable(&network) } else { vec![false; network.nodes.len()] };
        Self { layout, foldable, parts: gradient::parts(&network), network, shortcuts }
    }

    /// Logits `[N, classes]` of normalised images `[N, 3, H, W]`.
    #[must_use]
    pub fn logits(
        &self,
        weights: &Weights,
        statistics: &Statistics,
        images: &Tensor,
        mode: Mode<'_>,
    ) -> Tensor {
        self.forward(weights, statistics, images, mode, &[self.network.logits()]).remove(0)
    }

    /// The values of the `wanted` nodes for normalised images `[N, 3, H, W]`. Only what they depend on is
    /// computed: a choice point that asks for one candidate pays for one.
    #[must_use]
    pub fn forward(
        &self,
        weights: &Weights,
        statistics: &Statistics,
        images: &Tensor,
        mode: Mode<'_>,
        wanted: &[NodeId],
    ) -> Outputs {
        let mut values = Values::new(self.uses(mode, wanted), images, self.shortcuts);
        for id in 1..self.network.nodes.len() {
            if values.is_used(id) {
                let value = self.evaluate(id, weights, statistics, mode, &mut values);
                values.set(id, value);
            }
        }
        wanted.iter().map(|&id| values.take(id)).collect()
    }

    fn evaluate(
        &self,
        id: NodeId,
        weights: &Weights,
        statistics: &Statistics,
        mode: Mode<'_>,
        values: &mut Values,
    ) -> Tensor {
        let node = &self.network.nodes[id];
        if let (Layer::Mix(mix), Some(mixing)) = (&node.layer, mode.mixing) {
            let mixed = mixing::mixed(mixing, mix, node.inputs.len(), |k, weight| {
                self.term(node, k, weight, statistics, mode, values)
            });
            return match mixed {
                Some(sum) if sum.dim() > 0 => sum,
                Some(carried) => values.zeros(node.shape) + carried,
                None => values.zeros(node.shape),
            };
        }
        let inputs: Vec<Tensor> = node.inputs.iter().map(|&input| values.take(input)).collect();
        let stored = layers::Stored {
            weights: weights.of(&self.layout, id),
            statistics: statistics.of(&self.layout, id),
            shortcuts: self.shortcuts,
        };
        layers::forward(&node.layer, &inputs, &stored, mode)
    }

    /// Candidate `k` of a choice point, weighed. A batch norm that nobody else reads takes the weight as its gain: the
    /// product and the tensor that its backward pass would keep vanish, and the gradient of the weight is the sum of the
    /// gain's.
    fn term(
        &self,
        node: &Node,
        k: usize,
        weight: Tensor,
        statistics: &Statistics,
        mode: Mode<'_>,
        values: &mut Values,
    ) -> Option<Term> {
        let Read { source, norm } = self.read(node, mode, k)?;
        let output = values.take(source);
        if let Some((id, norm)) = norm {
            let channels = output.size()[1];
            // libtorch's batch norm on CPUs gives NaN for a gain of stride 0.
            let gain = [weight.expand([channels], false).contiguous()];
            let statistics = statistics.of(&self.layout, id);
            let stored = layers::Stored { weights: &gain, statistics, shortcuts: self.shortcuts };
            return Some(Term::Weighed(layers::normalise(norm, &output, &stored, mode)));
        }
        let output = match (&node.layer, mode.mixing) {
            (Layer::Mix(mix), Some(mixing)) if self.is_touched(mix, k, mode) => {
                mixing.perturb(Candidate { mix, op: self.op(mix, k) }, output)
            }
            _ => output,
        };
        Some(Term::Plain(output, weight))
    }

    /// What a choice point reads for candidate `k` in this pass; nothing where the candidate is zero or not active.
    fn read(&self, node: &Node, mode: Mode<'_>, k: usize) -> Option<Read<'_>> {
        let (Layer::Mix(mix), Some(mixing)) = (&node.layer, mode.mixing) else {
            return Some(Read { source: node.inputs[k], norm: None });
        };
        let id = node.inputs[k];
        let candidate = &self.network.nodes[id];
        match &candidate.layer {
            Layer::Zero { .. } => None,
            _ if !mixing.is_active(mix, k) => None,
            Layer::BatchNorm(norm) if self.foldable[id] && !self.is_touched(mix, k, mode) => {
                Some(Read { source: candidate.inputs[0], norm: Some((id, norm)) })
            }
            _ => Some(Read { source: id, norm: None }),
        }
    }

    /// The nodes whose values a node reads in this pass, as often as it reads them.
    fn sources(&self, node: &Node, mode: Mode<'_>) -> Vec<NodeId> {
        (0..node.inputs.len()).filter_map(|k| self.read(node, mode, k)).map(|read| read.source).collect()
    }

    fn is_touched(&self, mix: &Mix, k: usize, mode: Mode<'_>) -> bool {
        mode.train && mode.mixing.is_some_and(|mixing| mixing.touches(self.op(mix, k)))
    }

    /// The name of candidate `k`.
    fn op(&self, mix: &Mix, k: usize) -> &str {
        &self.network.tables[mix.table].rows[mix.row].ops[k]
    }

    /// How often each node's value is read in this pass; 0 where it is not needed.
    fn uses(&self, mode: Mode<'_>, wanted: &[NodeId]) -> Vec<u32> {
        let mut uses = vec![0; self.network.nodes.len()];
        for &id in wanted {
            uses[id] += 1;
        }
        for id in (1..self.network.nodes.len()).rev().filter(|&id| id > 0) {
            if uses[id] > 0 {
                let node = &self.network.nodes[id];
                for source in self.sources(node, mode) {
                    uses[source] += 1;
                }
            }
        }
        uses
    }
}

/// What a node reads for one of its inputs: a value, and the batch norm that it computes itself.
struct Read<'a> {
    source: NodeId,
    norm: Option<(NodeId, &'a BatchNorm)>,
}

/// Which nodes are batch norms without gain that one choice point alone reads.
fn foldable(network: &Network) -> Vec<bool> {
    let mut readers = vec![0; network.nodes.len()];
    let mut mixed = vec![false; network.nodes.len()];
    for output in &network.outputs {
        readers[output.node] += 1;
    }
    for node in &network.nodes {
        for &input in &node.inputs {
            readers[input] += 1;
            mixed[input] |= matches!(node.layer, Layer::Mix(_));
        }
    }
    let plain = |layer: &Layer| matches!(layer, Layer::BatchNorm(norm) if !norm.affine);
    let each = network.nodes.iter().enumerate();
    each.map(|(id, node)| plain(&node.layer) && mixed[id] && readers[id] == 1).collect()
}

/// Why a value is there.
const READ: &str = "inputs come before the nodes that read them";

/// The values of a pass, each dropped when it was read for the last time.
struct Values {
    uses: Vec<u32>,
    held: Vec<Option<Tensor>>,
    batch: i64,
    options: (tch::Kind, tch::Device),
    /// Whether channels are innermost in memory.
    innermost: bool,
}

impl Values {
    fn new(uses: Vec<u32>, images: &Tensor, shortcuts: Shortcuts) -> Self {
        let mut held: Vec<Option<Tensor>> = uses.iter().map(|_| None).collect();
        // On CPUs about 1.5 times as fast for these networks, and every layer keeps it so.
        let innermost = shortcuts.has(Shortcut::ChannelsLast);
        held[0] = Some(if innermost { channels_last(images) } else { images.shallow_clone() });
        Self { uses, held, batch: images.size()[0], options: (images.kind(), images.device()), innermost }
    }

    fn is_used(&self, id: NodeId) -> bool {
        self.uses[id] > 0
    }

    /// Keeps a value as long as somebody is going to read it.
    fn set(&mut self, id: NodeId, value: Tensor) {
        self.held[id] = Some(value).filter(|_| self.is_used(id));
    }

    /// A value that is read elsewhere too.
    fn peek(&self, id: NodeId) -> Tensor {
        self.held[id].as_ref().expect(READ).shallow_clone()
    }

    /// Zeros for a value of this shape.
    fn zeros(&self, shape: Shape) -> Tensor {
        let dims: Vec<i64> =
            std::iter::once(self.batch).chain(shape.dims().into_iter().map(|side| side as i64)).collect();
        let zeros = Tensor::zeros(&dims[..], self.options);
        if dims.len() == 4 && self.innermost { channels_last(&zeros) } else { zeros }
    }

    /// The values of these nodes alone, each read once and here as often as it is named.
    fn read_by(&mut self, sources: &[NodeId]) -> Self {
        let nodes = self.uses.len();
        let mut read = Self { uses: vec![0; nodes], held: Vec::new(), ..*self };
        read.held.resize_with(nodes, || None);
        for &id in sources {
            read.uses[id] += 1;
            read.held[id] = Some(self.take(id));
        }
        read
    }

    /// The same values cut off from what computed them, and those of them that take gradients.
    fn leaves(&self) -> (Self, Vec<Tensor>) {
        let cut = |(id, value): (NodeId, &Option<Tensor>)| {
            // Images need no gradient.
            Some(value.as_ref()?.detach().set_requires_grad(id > 0))
        };
        let held: Vec<Option<Tensor>> = self.held.iter().enumerate().map(cut).collect();
        let leaves = held.iter().skip(1).flatten().map(Tensor::shallow_clone).collect();
        (Self { uses: self.uses.clone(), held, ..*self }, leaves)
    }

    /// Reads a value once. Nodes come in an order in which inputs are computed first, so it is there.
    fn take(&mut self, id: NodeId) -> Tensor {
        self.uses[id] -= 1;
        let value = self.held[id].take().expect(READ);
        if self.uses[id] > 0 {
            self.held[id] = Some(value.shallow_clone());
        }
        value
    }
}
