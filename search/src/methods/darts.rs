//! DARTS (Liu et al. 2019), of first and of second order.
//!
//! Mixed edge: `ō(x) = Σ_k softmax(α)_k · o_k(x)`. Per step: α on a validation batch (Adam), then the weights
//! on a training batch (SGD with momentum). Derivation: two strongest edges per node, each with its strongest
//! operation.
//!
//! First order takes `∇_α L_v(w, α)`. Second order takes `∇_α L_v(w', α)` through one step of the weights
//! `w' = w − η ∇_w L_t(w, α)`, which adds `−η ∇²_{α,w} L_t(w, α) · ∇_{w'} L_v(w', α)`, by a finite difference (paper §2.3,
//! eq. 7 and 8): two more passes over the training batch, and two for the step itself. That is the setting
//! `search.second_order`, which every other method may take too.

use super::{Entry, Method};

/// DARTS overrides nothing: it is what the hooks default to.
struct Darts;

impl Method for Darts {}

pub(super) const ENTRY: Entry = Entry {
    name: "darts",
    summary: "softmax-weighted sum of all candidates, alternating first-order steps",
    source: "Liu et al. 2019, DARTS: Differentiable Architecture Search",
    settings: "",
    published: include_str!("../../presets/methods/darts.toml"),
    make: |_| Ok(Box::new(Darts)),
};

pub(super) const SECOND_ORDER: Entry = Entry {
    name: "darts-2nd",
    summary: "DARTS with the architecture's gradient through one step of the weights",
    settings: "search.second_order = true",
    ..ENTRY
};
