//! Gradients: of passes that keep all values for the way back, or that compute them again part by part.

use std::collections::BTreeMap;
use std::ops::Range;

use models::network::{Network, NodeId};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

use super::{Outputs, Statistics, Subject, Values, concatenated};
use crate::precision::Precision;

/// What a pass keeps for the way back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// Everything.
    #[default]
    Full,
    /// What leads from one cell to the next. On the way back each cell is computed once more, with the same random
    /// numbers, so that the gradients are the same (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
    Lean,
}

/// How steps are computed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compute {
    /// What passes keep.
    pub memory: Memory,
    /// How precisely they compute.
    pub precision: Precision,
}

/// What is asked of a pass.
pub struct Task<'a> {
    /// Normalised images `[N, 3, H, W]`.
    pub images: &'a Tensor,
    /// Nodes whose values the loss is made of.
    pub wanted: &'a [NodeId],
    /// The loss of these values, a scalar; of nothing else that takes gradients.
    pub loss: &'a dyn Fn(&[Tensor]) -> Tensor,
    /// What the gradient is taken by.
    pub leaves: &'a [Tensor],
    /// Whether other passes share a part of the graph, such as the mixing weights.
    pub shared: bool,
}

/// What a pass and its way back give.
pub struct Descent {
    /// The loss, a scalar without graph.
    pub loss: Tensor,
    /// The wanted values, without graph.
    pub outputs: Outputs,
    /// The gradient by the leaves, one behind the other; zero where the loss does not depend on one.
    pub gradient: Tensor,
}

impl Subject<'_> {
    /// The loss and its gradient.
    #[must_use]
    pub fn descent(&self, task: &Task<'_>, compute: Compute) -> Descent {
        match compute.memory {
            Memory::Full => self.full(task, compute.precision),
            Memory::Lean => Lean { subject: *self, task, precision: compute.precision }.descent(),
        }
    }

    fn full(&self, task: &Task<'_>, precision: Precision) -> Descent {
        let (outputs, loss) = precision.within(task.images, || {
            let outputs = self.net.forward(self.weights, self.statistics, task.images, self.mode, task.wanted);
            let loss = (task.loss)(&outputs);
            (outputs, loss)
        });
        let gradients = Tensor::run_backward(&[&loss], task.leaves, task.shared, false);
        let outputs = outputs.iter().map(Tensor::detach).collect();
        Descent { loss: loss.detach(), outputs, gradient: concatenated(&gradients, task.leaves) }
    }
}

/// Runs of nodes that are computed again together: a cell, or what lies between cells.
pub(super) fn parts(network: &Network) -> Vec<Range<NodeId>> {
    let mut parts: Vec<Range<NodeId>> = Vec::new();
    for id in 1..network.nodes.len() {
        let [before, own] = [id - 1, id].map(|id| part_of(&network.nodes[id].path));
        match parts.last_mut().filter(|_| before == own) {
            Some(part) => part.end = id + 1,
            None => parts.push(id..id + 1),
        }
    }
    parts
}

/// What a node belongs to: `cells.3`, `stem`.
fn part_of(path: &str) -> &str {
    let mut dots = path.match_indices('.').map(|(at, _)| at);
    let first = dots.next().unwrap_or(path.len());
    let second = dots.next().unwrap_or(path.len());
    let numbered = path.get(first + 1..second).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    &path[..if numbered { second } else { first }]
}

/// A pass that computes its parts twice.
struct Lean<'a> {
    subject: Subject<'a>,
    task: &'a Task<'a>,
    precision: Precision,
}

/// A part on the way back: what it read from earlier ones, and where the random numbers stood.
struct Part {
    nodes: Range<NodeId>,
    reads: Vec<(NodeId, Tensor)>,
    random: kernels::RandomState,
}

impl Lean<'_> {
    fn descent(&self) -> Descent {
        let Task { images, wanted, leaves, .. } = *self.task;
        let uses = self.subject.net.uses(self.subject.mode, wanted);
        let needed: Vec<bool> = uses.iter().map(|&uses| uses > 0).collect();
        let (mut parts, outputs) = no_grad(|| self.record(uses, &needed));
        let after = kernels::RandomState::of(images);
        let (loss, mut slopes) = self.loss(&outputs);
        // A second computation must not count twice in the running statistics.
        let statistics = self.subject.statistics.copy(&self.subject.net.layout);
        let mut sum: Vec<Tensor> = leaves.iter().map(|_| Tensor::new()).collect();
        while let Some(part) = parts.pop() {
            self.back(&part, &needed, &statistics, &mut slopes, &mut sum);
        }
        after.restore();
        Descent { loss, outputs, gradient: concatenated(&sum, leaves) }
    }

    /// The pass without graph, and what is needed to repeat it.
    fn record(&self, uses: Vec<u32>, needed: &[bool]) -> (Vec<Part>, Outputs) {
        let Subject { net, statistics, .. } = self.subject;
        let mut values = Values::new(uses, self.task.images, net.shortcuts);
        let part = |nodes: &Range<NodeId>| {
            let reads = self.reads(nodes, needed).into_iter().map(|id| (id, values.peek(id))).collect();
            let random = kernels::RandomState::of(self.task.images);
            self.run(nodes, needed, statistics, &mut values);
            Part { nodes: nodes.clone(), reads, random }
        };
        let parts = net.parts.iter().map(part).collect();
        (parts, self.task.wanted.iter().map(|&id| values.take(id)).collect())
    }

    fn run(&self, nodes: &Range<NodeId>, needed: &[bool], statistics: &Statistics, values: &mut Values) {
        let Subject { net, weights, mode, .. } = self.subject;
        self.precision.within(self.task.images, || {
            for id in nodes.clone().filter(|&id| needed[id]) {
                let value = net.evaluate(id, weights, statistics, mode, values);
                values.set(id, value);
            }
        });
    }

    /// The nodes of earlier parts whose values these read, each once.
    fn reads(&self, nodes: &Range<NodeId>, needed: &[bool]) -> Vec<NodeId> {
        let Subject { net, mode, .. } = self.subject;
        let own = nodes.clone().filter(|&id| needed[id]);
        let mut reads: Vec<NodeId> = own
            .flat_map(|id| net.sources(&net.network.nodes[id], mode))
            .filter(|&source| source < nodes.start)
            .collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// The loss, and its slopes by the values that it is made of.
    fn loss(&self, outputs: &[Tensor]) -> (Tensor, Slopes) {
        let ends: Vec<Tensor> = outputs.iter().map(|output| output.detach().set_requires_grad(true)).collect();
        let loss = self.precision.within(self.task.images, || (self.task.loss)(&ends));
        let gradients = Tensor::run_backward(&[&loss], &ends, false, false);
        let mut slopes = Slopes::default();
        for (&id, gradient) in self.task.wanted.iter().zip(gradients) {
            slopes.add(id, gradient);
        }
        (loss.detach(), slopes)
    }

    /// Computes a part again and goes back through it: its values' slopes become those of what it read, and the leaves'.
    fn back(
        &self,
        part: &Part,
        needed: &[bool],
        statistics: &Statistics,
        slopes: &mut Slopes,
        sum: &mut [Tensor],
    ) {
        part.random.restore();
        let ends = slopes.taken(&part.nodes);
        let (mut values, starts) = self.begin(part, needed, &ends);
        self.run(&part.nodes, needed, statistics, &mut values);
        let ends = ends.iter().map(|(id, slope)| (values.take(*id), slope));
        let ends = ends.filter(|(value, _)| value.requires_grad());
        let Some(joint) = ends.map(|(value, slope)| (value * slope).sum(Kind::Float)).reduce(|a, b| a + b)
        else {
            return;
        };
        let leaves: Vec<&Tensor> = starts.iter().map(|(_, start)| start).chain(self.task.leaves).collect();
        // The graph of the mixing weights is every part's.
        let keep = self.task.shared || self.subject.mode.mixing.is_some();
        let mut gradients = Tensor::run_backward(&[joint], &leaves, keep, false).into_iter();
        for ((id, _), gradient) in starts.iter().zip(gradients.by_ref()) {
            slopes.add(*id, gradient);
        }
        for (sum, gradient) in sum.iter_mut().zip(gradients) {
            add(sum, gradient);
        }
    }

    /// The values that a part starts from, cut off from what computed them, and those of them that take gradients.
    fn begin(
        &self,
        part: &Part,
        needed: &[bool],
        ends: &[(NodeId, Tensor)],
    ) -> (Values, Vec<(NodeId, Tensor)>) {
        let Subject { net, mode, .. } = self.subject;
        let mut uses = vec![0; net.network.nodes.len()];
        for id in part.nodes.clone().filter(|&id| needed[id]) {
            for source in net.sources(&net.network.nodes[id], mode) {
                uses[source] += 1;
            }
        }
        for (id, _) in ends {
            uses[*id] += 1;
        }
        let mut values = Values::new(uses, self.task.images, net.shortcuts);
        // The images are there already, and need no gradient.
        let reads = part.reads.iter().filter(|(id, _)| *id > 0);
        let starts: Vec<(NodeId, Tensor)> =
            reads.map(|(id, value)| (*id, value.detach().set_requires_grad(true))).collect();
        for (id, start) in &starts {
            values.set(*id, start.shallow_clone());
        }
        (values, starts)
    }
}

/// The loss's slopes by values of nodes, as far as they are known.
#[derive(Default)]
struct Slopes(BTreeMap<NodeId, Tensor>);

impl Slopes {
    fn add(&mut self, id: NodeId, slope: Tensor) {
        if slope.defined() {
            add(self.0.entry(id).or_default(), slope);
        }
    }

    /// Those of these nodes, taken out.
    fn taken(&mut self, nodes: &Range<NodeId>) -> Vec<(NodeId, Tensor)> {
        let ids: Vec<NodeId> = self.0.range(nodes.clone()).map(|(&id, _)| id).collect();
        ids.into_iter().filter_map(|id| Some((id, self.0.remove(&id)?))).collect()
    }
}

/// Adds to a sum that is undefined as long as it has no term.
fn add(sum: &mut Tensor, term: Tensor) {
    if !term.defined() {
        return;
    }
    *sum = if sum.defined() { &*sum + term } else { term };
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn a_part_is_a_cell_or_what_lies_between_cells() {
        let of = ["cells.3.edges.2_0.mix", "cells.12.concat", "stem.conv", "input", "classifier.0"];
        assert_eq!(of.map(part_of), ["cells.3", "cells.12", "stem", "input", "classifier.0"]);
    }
}
