//! Whether weights are still what a network starts with. Published files have been: random weights ship without
//! complaint and score like a coin (`EfficientFormer` #59).

use models::layer::{Layer, Role};
use models::network::{Network, Node};

use super::{Origin, Weights};
use crate::error::Error;

impl Weights {
    /// Refuses weights that are still at initialisation: drawn by [`Weights::random`], said to be untrained by their
    /// file, or with batch statistics that no image has ever moved.
    ///
    /// # Errors
    /// [`Error::Untrained`], with the reason.
    pub fn refuse_untrained(&self, network: &Network) -> Result<(), Error> {
        let reason = if matches!(self.origin, Origin::Random { .. }) {
            "they are drawn, not trained"
        } else if self.summary.trained == Some(false) {
            "the file says that its weights are not trained"
        } else if self.norms_are_fresh(network) {
            "every batch normalisation still has mean 0 and variance 1, so the weights are at initialisation"
        } else {
            return Ok(());
        };
        Err(Error::Untrained { weights: self.label(), reason })
    }

    /// Whether there are batch norms, and all have the statistics they start with.
    fn norms_are_fresh(&self, network: &Network) -> bool {
        let norms: Vec<&Node> =
            network.nodes.iter().filter(|node| matches!(node.layer, Layer::BatchNorm(_))).collect();
        let all = |node: &Node, role: Role, start: f32| {
            self.of(node, role)
                .is_some_and(|values| values.iter().all(|value| value.to_bits() == start.to_bits()))
        };
        let fresh = |node: &&Node| all(node, Role::RunningMean, 0.0) && all(node, Role::RunningVar, 1.0);
        !norms.is_empty() && norms.iter().all(fresh)
    }
}
