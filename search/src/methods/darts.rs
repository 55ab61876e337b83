//! DARTS (Liu et al. 2019), first order.
//!
//! Mixed edge: `ō(x) = Σ_k softmax(α)_k · o_k(x)`. Per step: α on a validation batch (Adam), then the weights
//! on a training batch (SGD with momentum). Derivation: two strongest edges per node, each with its strongest
//! operation.

use super::{Entry, Method};

/// DARTS overrides nothing: it is what the hooks default to.
struct Darts;

impl Method for Darts {}

pub(super) const ENTRY: Entry = Entry {
    name: "darts",
    summary: "softmax-weighted sum of all candidates, alternating first-order steps",
    source: "Liu et al. 2019, DARTS: Differentiable Architecture Search",
    settings: "",
    published: "",
    make: |_| Ok(Box::new(Darts)),
};
