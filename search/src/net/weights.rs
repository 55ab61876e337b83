//! Weights and running statistics: one flat vector each, with a view per tensor.
//!
//! Flat, because then an optimiser step is a handful of kernels and a checkpoint is a handful of tensors.

use models::layer::Role;
use models::network::NodeId;
use tch::{Device, Kind, Tensor, no_grad};

use super::layout::{Layout, Slot};
use crate::random::{Purpose, Seed};

/// Trained values: the weights of a network, or architecture parameters.
#[derive(Debug)]
pub struct Weights {
    /// All of them, `[weights]`. Updated in place; the views see it.
    pub flat: Tensor,
    /// A leaf tensor per slot that shares the flat vector's memory and takes gradients.
    pub views: Vec<Tensor>,
}

/// The running means and variances of a network.
#[derive(Debug)]
pub struct Statistics {
    /// All of them.
    pub flat: Tensor,
    views: Vec<Tensor>,
}

impl Weights {
    /// `PyTorch`'s default initialisation: convolutions and linear layers uniform within 1/√fan-in, their
    /// biases too, gains 1, shifts 0.
    #[must_use]
    pub fn initial(layout: &Layout, seed: Seed, device: Device) -> Self {
        seed.seed_torch(Purpose::Weights, 0);
        let flat = Tensor::zeros([layout.weight_count()], (Kind::Float, Device::Cpu));
        let mut fan_in = 1;
        no_grad(|| {
            for slot in &layout.weights {
                let mut part = part(&flat, slot);
                match slot.role {
                    Role::Weight => {
                        fan_in = slot.dims[1..].iter().product();
                        let bound = 1.0 / (fan_in as f64).sqrt();
                        let _ = part.uniform_(-bound, bound);
                    }
                    // A bias follows its weight and shares its fan-in.
                    Role::Bias => {
                        let bound = 1.0 / (fan_in as f64).sqrt();
                        let _ = part.uniform_(-bound, bound);
                    }
                    Role::Gain => drop(part.fill_(1.0)),
                    Role::Shift | Role::RunningMean | Role::RunningVar => {}
                }
            }
        });
        Self::from_flat(&layout.weights, &flat.to_device(device))
    }

    /// Values for these slots, copied.
    #[must_use]
    pub fn from_flat(slots: &[Slot], flat: &Tensor) -> Self {
        let flat = flat.detach().copy();
        let views = slots.iter().map(|slot| part(&flat, slot).detach().set_requires_grad(true)).collect();
        Self { flat, views }
    }

    pub(super) fn of(&self, layout: &Layout, node: NodeId) -> &[Tensor] {
        &self.views[layout.node_weights(node)]
    }

    /// The gradient of `loss` with respect to all weights, flat; zero where the loss does not depend on one.
    #[must_use]
    pub fn gradient(&self, loss: &Tensor) -> Tensor {
        flat_gradient(loss, &self.views)
    }
}

/// The gradient of `loss` with respect to `leaves`, concatenated; zero where the loss does not depend on one.
#[must_use]
pub fn flat_gradient(loss: &Tensor, leaves: &[Tensor]) -> Tensor {
    concatenated(&Tensor::run_backward(&[loss], leaves, false, false), leaves)
}

/// One flat vector; a gradient that libtorch left undefined, since nothing depends on the leaf, counts as zero.
pub(crate) fn concatenated(gradients: &[Tensor], leaves: &[Tensor]) -> Tensor {
    let flat = gradients.iter().zip(leaves).map(|(gradient, leaf)| {
        if gradient.defined() { gradient.reshape([-1]) } else { leaf.zeros_like().reshape([-1]) }
    });
    Tensor::cat(&flat.collect::<Vec<_>>(), 0)
}

impl Statistics {
    /// Before any batch was seen: means 0, variances 1.
    #[must_use]
    pub fn initial(layout: &Layout, device: Device) -> Self {
        let flat = Tensor::zeros([layout.statistic_count()], (Kind::Float, device));
        for slot in layout.statistics.iter().filter(|slot| slot.role == Role::RunningVar) {
            let _ = part(&flat, slot).fill_(1.0);
        }
        Self::from_flat(layout, &flat)
    }

    /// Statistics with these values, copied.
    #[must_use]
    pub fn from_flat(layout: &Layout, flat: &Tensor) -> Self {
        let flat = flat.detach().copy();
        let views = layout.statistics.iter().map(|slot| part(&flat, slot)).collect();
        Self { flat, views }
    }

    /// A copy that passes may change.
    #[must_use]
    pub fn copy(&self, layout: &Layout) -> Self {
        Self::from_flat(layout, &self.flat)
    }

    pub(super) fn of(&self, layout: &Layout, node: NodeId) -> &[Tensor] {
        &self.views[layout.node_statistics(node)]
    }
}

/// The view of one slot into a flat vector.
#[must_use]
pub fn part(flat: &Tensor, slot: &Slot) -> Tensor {
    flat.narrow(0, slot.range.start, slot.range.end - slot.range.start).view(&slot.dims[..])
}
