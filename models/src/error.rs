//! Errors of building networks and reading genotypes.

/// What can be wrong with a network or a genotype. The text fits "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A layer was given inputs it cannot take.
    #[error("build {path}: {layer} expects {expected}, found {found}")]
    Shape {
        /// Path of the node at fault.
        path: String,
        /// Kind of the layer.
        layer: &'static str,
        /// What it can take.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// Two nodes would have one name.
    #[error("build {path}: a node of this name is there already")]
    DuplicatePath {
        /// The name.
        path: String,
    },
    /// A network without a result.
    #[error("build {network}: no output was declared")]
    NoOutput {
        /// Name of the network.
        network: String,
    },
    /// A name that is not in a list.
    #[error("find {kind} {name:?}{hint}")]
    Unknown {
        /// What kind of thing was asked for.
        kind: &'static str,
        /// The name as given.
        name: String,
        /// `"; did you mean …?"`, or the list of names.
        hint: String,
    },
    /// A genotype that cannot be parsed, with the place.
    #[error("parse genotype at line {line}, column {column}: expected {expected}, found {found}")]
    Parse {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What would have been right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A genotype that can be parsed but names no network.
    #[error("accept genotype: {cell} cell: {problem}")]
    Genotype {
        /// `normal` or `reduce`.
        cell: String,
        /// What is wrong, naming the edge.
        problem: String,
    },
    /// A size that no network of this space has.
    #[error("build a network of {what} {found}: expected {expected}")]
    Size {
        /// Which size.
        what: &'static str,
        /// What it may be.
        expected: String,
        /// What was asked for.
        found: String,
    },
}

impl Error {
    /// An unknown name, with the nearest known one as a suggestion.
    #[must_use]
    pub fn unknown(kind: &'static str, name: &str, known: &[&str]) -> Self {
        Self::Unknown { kind, name: name.into(), hint: suggestion(name, known) }
    }
}

/// `; did you mean "…"?` where a known name is near, else the list of all.
#[must_use]
pub fn suggestion(name: &str, known: &[&str]) -> String {
    let score = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), candidate);
    let nearest = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
    match nearest {
        Some(best) if score(best) > 0.8 => format!("; did you mean {best:?}?"),
        _ => format!("; known: {}", known.join(", ")),
    }
}
