//! The names of activations: ours, and the codes of timm's block strings.

use crate::error::suggestion;
use crate::layer::Activation;

/// Activation, name, code.
const NAMES: [(Activation, &str, &str); 6] = [
    (Activation::Relu, "relu", "re"),
    (Activation::Relu6, "relu6", "r6"),
    (Activation::Swish, "swish", "sw"),
    (Activation::HardSwish, "hard-swish", "hs"),
    (Activation::Sigmoid, "sigmoid", "sg"),
    (Activation::HardSigmoid, "hard-sigmoid", "hsg"),
];

/// The activation of this name.
pub(super) fn activation_by_name(name: &str) -> Result<Activation, String> {
    by("activation", name, NAMES.map(|(activation, name, _)| (activation, name)))
}

/// The activation of this code.
pub(super) fn activation_by_code(code: &str) -> Result<Activation, String> {
    by("activation code", code, NAMES.map(|(activation, _, code)| (activation, code)))
}

/// The name of an activation.
pub(super) fn name_of(activation: Activation) -> &'static str {
    NAMES.iter().find(|row| row.0 == activation).map_or("", |row| row.1)
}

/// The code of an activation.
pub(super) fn code_of(activation: Activation) -> &'static str {
    NAMES.iter().find(|row| row.0 == activation).map_or("", |row| row.2)
}

fn by(kind: &str, name: &str, known: [(Activation, &'static str); 6]) -> Result<Activation, String> {
    let found = known.iter().find(|(_, known)| *known == name);
    found
        .map(|&(activation, _)| activation)
        .ok_or_else(|| format!("unknown {kind} {name:?}{}", suggestion(name, &known.map(|(_, known)| known))))
}
