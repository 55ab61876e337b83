//! The weights of a network, and what their file says about them.

mod problems;
mod random;
mod read;
mod spread;
mod summary;
mod trained;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use models::layer::{Role, TensorSpec};
use models::network::{Network, Node};

use crate::error::Error;

pub use problems::{Problem, Problems};
pub(crate) use random::Stream;
pub(crate) use read::hex;
pub use summary::Summary;

/// A tensor of 32-bit floats in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// Its elements.
    pub data: Vec<f32>,
}

/// Where weights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A safetensors file.
    File {
        /// The file.
        path: PathBuf,
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
    },
    /// Drawn by [`Weights::random`].
    Random {
        /// The seed.
        seed: u64,
    },
}

/// The weights of a network by name: the node's path, a dot, and the suffix of the tensor's [`Role`].
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The tensors of 32-bit floats.
    pub tensors: BTreeMap<String, Tensor>,
    /// What is known about them.
    pub summary: Summary,
    /// Where they come from.
    pub origin: Origin,
    /// Tensors of other element types, which no network has: name and type.
    others: BTreeMap<String, String>,
}

impl Weights {
    /// Weights for messages: their file, or that they are random.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.origin {
            Origin::File { path, .. } => format!("weights {}", path.display()),
            Origin::Random { seed } => format!("random weights (seed {seed})"),
        }
    }

    /// Checks that these are the weights of `network`, auxiliary head included where it has one: every name, shape
    /// and element type, and that all numbers are finite and no variance is negative.
    ///
    /// # Errors
    /// [`Error::Tensors`], which names the tensors at fault.
    pub fn check(&self, network: &Network) -> Result<(), Error> {
        let expected = specs(network);
        let missing = expected.iter().filter(|(name, _)| !self.has(name));
        let mut problems: Vec<Problem> = missing
            .map(|(name, spec)| Problem::Missing { name: name.clone(), dims: spec.dims.clone() })
            .collect();
        let by_name: HashMap<&str, &TensorSpec> =
            expected.iter().map(|(name, spec)| (name.as_str(), spec)).collect();
        let unexpected = self.names().filter(|name| !by_name.contains_key(name));
        problems.extend(unexpected.map(|name| Problem::Unexpected { name: name.into() }));
        for (name, spec) in &expected {
            problems.extend(
                self.others.get(name).map(|kind| Problem::Type { name: name.clone(), found: kind.clone() }),
            );
            problems.extend(self.tensors.get(name).and_then(|tensor| problems::of(name, tensor, spec)));
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::Tensors {
            weights: self.label(),
            network: network.name.clone(),
            problems: Problems(problems),
        })
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name) || self.others.contains_key(name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().chain(self.others.keys()).map(String::as_str)
    }

    /// The elements of a node's tensor. Known to be there once [`Self::check`] has passed.
    pub(crate) fn of(&self, node: &Node, role: Role) -> Option<&[f32]> {
        self.tensors.get(&name(&node.path, role)).map(|tensor| tensor.data.as_slice())
    }
}

/// The name of a node's tensor.
#[must_use]
pub fn name(path: &str, role: Role) -> String {
    format!("{path}.{}", role.suffix())
}

/// Every tensor that a network stores, by name, in the order of its nodes.
fn specs(network: &Network) -> Vec<(String, TensorSpec)> {
    let of = |node: &Node| -> Vec<(String, TensorSpec)> {
        network.tensors(node).into_iter().map(|spec| (name(&node.path, spec.role), spec)).collect()
    };
    network.nodes.iter().flat_map(of).collect()
}
