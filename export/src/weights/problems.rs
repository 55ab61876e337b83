//! What can be wrong with single tensors, and how a list of that reads.

use std::fmt;

use models::layer::{Role, TensorSpec};

use super::Tensor;

/// How many tensors of one kind of problem are named.
const NAMED: usize = 3;

/// What is wrong with one tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// The network needs it, the weights do not have it.
    Missing {
        /// Its name.
        name: String,
        /// The dimensions it must have.
        dims: Vec<usize>,
    },
    /// The weights have it, the network does not know it.
    Unexpected {
        /// Its name.
        name: String,
    },
    /// It has other dimensions.
    Shape {
        /// Its name.
        name: String,
        /// The dimensions it must have.
        expected: Vec<usize>,
        /// Those it has.
        found: Vec<usize>,
    },
    /// It does not hold 32-bit floats.
    Type {
        /// Its name.
        name: String,
        /// The element type it has.
        found: String,
    },
    /// It holds a NaN or an infinity.
    NotFinite {
        /// Its name.
        name: String,
        /// Position of the first such element.
        index: usize,
        /// That element.
        value: f32,
    },
    /// It is a variance, and below zero.
    Negative {
        /// Its name.
        name: String,
        /// Position of the first such element.
        index: usize,
        /// That element.
        value: f32,
    },
}

/// What is wrong with one tensor of the right name and type.
pub(super) fn of(name: &str, tensor: &Tensor, spec: &TensorSpec) -> Option<Problem> {
    let name = name.to_string();
    if tensor.dims != spec.dims {
        return Some(Problem::Shape { name, expected: spec.dims.clone(), found: tensor.dims.clone() });
    }
    let first = |bad: fn(f32) -> bool| tensor.data.iter().position(|&value| bad(value));
    if let Some(index) = first(|value| !value.is_finite()) {
        return Some(Problem::NotFinite { name, index, value: tensor.data[index] });
    }
    let negative = if spec.role == Role::RunningVar { first(|value| value < 0.0) } else { None };
    negative.map(|index| Problem::Negative { name, index, value: tensor.data[index] })
}

impl Problem {
    /// The heading under which it is listed.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Unexpected { .. } => "unexpected",
            Self::Shape { .. } => "of another shape",
            Self::Type { .. } => "not 32-bit floats (F32)",
            Self::NotFinite { .. } => "not finite",
            Self::Negative { .. } => "a negative variance",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name, dims } => write!(f, "{name} {dims:?}"),
            Self::Unexpected { name } => f.write_str(name),
            Self::Shape { name, expected, found } => write!(f, "{name} {found:?} instead of {expected:?}"),
            Self::Type { name, found } => write!(f, "{name} ({found})"),
            Self::NotFinite { name, index, value } | Self::Negative { name, index, value } => {
                write!(f, "{name} ({value} at element {index})")
            }
        }
    }
}

/// All that is wrong with the tensors of some weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    /// By kind: how many, and the first few by name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<&str> = self.0.iter().map(Problem::kind).collect();
        kinds.dedup();
        let mut separator = "";
        while let Some(&kind) = kinds.first() {
            kinds.retain(|&other| other != kind);
            let of_kind: Vec<&Problem> = self.0.iter().filter(|problem| problem.kind() == kind).collect();
            let named: Vec<String> = of_kind.iter().take(NAMED).map(ToString::to_string).collect();
            write!(f, "{separator}{} {kind}: {}", of_kind.len(), named.join(", "))?;
            if of_kind.len() > NAMED {
                write!(f, " and {} more", of_kind.len() - NAMED)?;
            }
            separator = "; ";
        }
        Ok(())
    }
}
