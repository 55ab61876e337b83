//! Memory of activations: how much in all, and how much at once.
//!
//! Every value is one buffer: nothing is computed in place, and a buffer is free again after its last reader. What runtimes
//! really take is a little less (in place) or more (scratch space, arenas).

use serde::Serialize;

use crate::layer::Layer;
use crate::network::{Network, NodeId};

/// Bytes of one activation value.
const F32_BYTES: u64 = 4;

/// Bytes of activations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Of all values, the input too.
    pub sum: u64,
    /// The most that is live at any one time, in the order of execution.
    pub peak: u64,
}

impl Memory {
    /// Memory of a network without its auxiliary head, for one image of 32-bit floats; batch norms are folded.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let network = network.inference();
        let values = values(&network);
        let steps: Vec<Step> = network
            .nodes
            .iter()
            .enumerate()
            .filter(|&(id, _)| values[id] == id)
            .map(|(id, node)| Step {
                reads: node.inputs.iter().map(|&input| values[input]).collect(),
                writes: vec![(id, node.shape.elements() as u64 * F32_BYTES)],
            })
            .collect();
        Self::of_steps(&steps, &[values[network.logits()]])
    }

    /// Memory of steps in order; the values `kept` are results and stay.
    ///
    /// Values are numbers of the caller's choosing. A value that no step reads lives for its own step.
    #[must_use]
    pub fn of_steps(steps: &[Step], kept: &[usize]) -> Self {
        let values =
            steps.iter().flat_map(|step| step.reads.iter().chain(step.writes.iter().map(|(id, _)| id)));
        let count = values.max().map_or(0, |most| most + 1);
        let mut bytes = vec![0; count];
        let mut last = vec![0; count];
        for (at, step) in steps.iter().enumerate() {
            for &(value, size) in &step.writes {
                (bytes[value], last[value]) = (size, at);
            }
            for &value in &step.reads {
                last[value] = at;
            }
        }
        for &value in kept {
            last[value] = steps.len();
        }
        let mut memory = Self::default();
        let mut live = 0;
        for (at, step) in steps.iter().enumerate() {
            let written: u64 = step.writes.iter().map(|(_, size)| size).sum();
            memory.sum += written;
            live += written;
            memory.peak = memory.peak.max(live);
            let mut done: Vec<usize> =
                step.reads.iter().copied().chain(step.writes.iter().map(|(value, _)| *value)).collect();
            done.sort_unstable();
            done.dedup();
            live -= done.iter().filter(|&&value| last[value] == at).map(|&value| bytes[value]).sum::<u64>();
        }
        memory
    }

    /// For this many images.
    #[must_use]
    pub const fn times(self, images: u64) -> Self {
        Self { sum: self.sum.saturating_mul(images), peak: self.peak.saturating_mul(images) }
    }
}

/// One step of a computation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Values that it reads.
    pub reads: Vec<usize>,
    /// Values that it makes, and their bytes.
    pub writes: Vec<(usize, u64)>,
}

/// The node whose buffer each node's value is in: its own, or that of what a folded batch norm reads.
fn values(network: &Network) -> Vec<NodeId> {
    let mut values: Vec<NodeId> = Vec::with_capacity(network.nodes.len());
    for (id, node) in network.nodes.iter().enumerate() {
        let folded = matches!(node.layer, Layer::BatchNorm(_));
        values.push(if folded { values[node.inputs[0]] } else { id });
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Activation, BatchNorm, Conv2d};
    use crate::network::Builder;
    use crate::shape::Shape;

    fn step(reads: &[usize], value: usize, bytes: u64) -> Step {
        Step { reads: reads.to_vec(), writes: vec![(value, bytes)] }
    }

    #[test]
    fn values_live_from_their_step_to_their_last_reader() {
        // 0 is read by 1 and, at the end, by 3; while 2 is made, 0, 1 and 2 are live; while 3 is, 0, 2 and 3.
        let steps = [step(&[], 0, 10), step(&[0], 1, 100), step(&[1], 2, 1000), step(&[0, 2], 3, 5)];
        assert_eq!(Memory::of_steps(&steps, &[3]), Memory { sum: 1115, peak: 1110 });
        // A result stays to the end.
        assert_eq!(Memory::of_steps(&steps, &[1, 3]), Memory { sum: 1115, peak: 1115 });
        assert_eq!(Memory::of_steps(&[], &[]), Memory::default());
    }

    #[test]
    fn a_value_that_nothing_reads_is_live_for_its_own_step_only() {
        let steps = [step(&[], 0, 10), step(&[0], 1, 500), step(&[0], 2, 20)];
        assert_eq!(Memory::of_steps(&steps, &[2]), Memory { sum: 530, peak: 510 });
    }

    #[test]
    fn folded_batch_norms_have_no_buffer_of_their_own() {
        let mut b = Builder::new("small", Shape::map(3, 4, 4));
        let parts = vec![
            ("conv", Layer::Conv2d(Conv2d::same(8, 3, 1))),
            ("bn", Layer::BatchNorm(BatchNorm::new(true))),
            ("act", Layer::Activation(Activation::Relu)),
            ("pool", Layer::GlobalAvgPool),
            ("flatten", Layer::Flatten),
            ("linear", Layer::Linear(2)),
        ];
        let end = b.chain("a", 0, parts).unwrap();
        b.output("logits", end);
        let memory = Memory::of(&b.finish().unwrap());
        // Input 48, convolution and activation 128 each, pool and vector 8 each, logits 2.
        assert_eq!(memory, Memory { sum: 4 * (48 + 2 * 128 + 2 * 8 + 2), peak: 4 * (128 + 128) });
        assert_eq!(memory.times(3).peak, 3 * 4 * 256);
    }
}
