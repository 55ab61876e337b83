//! A model, counted: in all and node by node.

use std::collections::BTreeMap;

use models::conventions::{self, CONVENTIONS, Convention, Parameters, Term, Terms};
use models::memory::Memory;
use models::network::Network;
use models::onnx::{Account, NodeAccount, UnknownNode};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use super::super::shape::ShapeArgs;
use crate::{error::Result, metadata, subject::ModelFile};

/// A counted model.
#[derive(Debug)]
pub(super) struct Counted {
    /// As named on the command line.
    pub(super) model: String,
    /// Shape of the input that was counted for, batch included.
    pub(super) input: Vec<usize>,
    /// Of all nodes, for the whole batch.
    pub(super) terms: Terms,
    pub(super) macs: Macs,
    pub(super) params: Params,
    /// Bytes of activations, for the whole batch.
    pub(super) activations: Memory,
    /// Size of the decompressed file.
    pub(super) bytes: Option<u64>,
    /// The nodes in order.
    pub(super) nodes: Vec<Node>,
    /// Nodes of a file that could not be counted.
    pub(super) unknown: Vec<UnknownNode>,
}

/// A counted node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    /// Kind of layer, or operator.
    pub(super) kind: String,
    /// Shape of its output, batch included.
    pub(super) output: Vec<usize>,
    pub(super) terms: Terms,
    pub(super) params: u64,
    pub(super) activation_bytes: u64,
}

/// Multiply-adds in each of [`CONVENTIONS`]; none where a file does not tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Macs([Option<u64>; CONVENTIONS.len()]);

impl Macs {
    /// In the first convention, that of the papers.
    pub(super) fn conv_linear(&self) -> u64 {
        self.0[0].unwrap_or(0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Convention, Option<u64>)> {
        CONVENTIONS.iter().zip(self.0)
    }

    fn of(terms: &Terms) -> Self {
        Self(CONVENTIONS.each_ref().map(|convention| Some(convention.count(terms))))
    }
}

impl Serialize for Macs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(CONVENTIONS.len()))?;
        for (convention, macs) in self.iter() {
            map.serialize_entry(convention.name, &macs)?;
        }
        map.end()
    }
}

/// Parameters in the senses in use; none where a file does not tell.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Params {
    pub(super) trained: Option<u64>,
    pub(super) without_aux: Option<u64>,
    pub(super) batch_norm: Option<u64>,
    pub(super) deployed: u64,
}

impl Counted {
    /// Counts a network for this many images.
    pub(super) fn network(name: &str, network: &Network, batch: usize) -> Self {
        let shipped = network.inference();
        let images = batch as u64;
        let nodes = models::cost::per_node(&shipped).into_iter().zip(conventions::per_node(&shipped));
        let nodes: Vec<Node> = nodes
            .map(|(node, terms)| Node {
                name: node.path,
                kind: node.kind.into(),
                output: with_batch(batch, node.shape.dims()),
                terms: terms.times(images),
                params: node.cost.parameters,
                activation_bytes: node.cost.activation_bytes * images,
            })
            .collect();
        let terms = nodes.iter().map(|node| node.terms).sum();
        let Parameters { trained, without_aux, batch_norm, deployed } = Parameters::of(network);
        Self {
            model: name.into(),
            input: with_batch(batch, network.input().dims()),
            terms,
            macs: Macs::of(&terms),
            params: Params {
                trained: Some(trained),
                without_aux: Some(without_aux),
                batch_norm: Some(batch_norm),
                deployed,
            },
            activations: Memory::of(network).times(images),
            bytes: None,
            nodes,
            unknown: Vec::new(),
        }
    }

    /// Counts a file.
    pub(super) fn file(file: &ModelFile, shape: &ShapeArgs, allow_unknown: bool) -> Result<Self> {
        let account = file.account(&shape.assume(allow_unknown))?;
        let input = file.model.graph.inputs.first().and_then(|input| account.shapes.get(&input.name));
        let input = input.cloned().unwrap_or_default();
        let terms: Terms = account.nodes.iter().map(|node| node.terms).sum();
        Ok(Self {
            model: file.name(),
            macs: macs_of_file(file, &terms, input.first().copied().unwrap_or(1)),
            params: params_of_file(file, &account),
            input,
            terms,
            activations: account.memory,
            bytes: Some(file.model.bytes),
            nodes: account.nodes.into_iter().map(Node::from).collect(),
            unknown: account.unknown,
        })
    }
}

fn with_batch(batch: usize, dims: Vec<usize>) -> Vec<usize> {
    [vec![batch], dims].concat()
}

/// Multiply-adds of a file, whose batch norms may have been folded.
///
/// Where there is none left, conventions that count them are taken from the metadata of our own export, as long as those agree
/// with what is in the file; of other files they are unknown.
fn macs_of_file(file: &ModelFile, terms: &Terms, batch: usize) -> Macs {
    let mut macs = Macs::of(terms);
    if terms[Term::BatchNorm] > 0 {
        return macs;
    }
    let stored = stored(file).filter(|stored| {
        stored.get(CONVENTIONS[0].name).map(|one| one * batch as u64) == Some(terms[Term::ConvLinear])
    });
    for (slot, convention) in macs.0.iter_mut().zip(&CONVENTIONS) {
        if convention.factor(Term::BatchNorm) > 0 {
            let one = stored.as_ref().and_then(|stored| stored.get(convention.name));
            *slot = one.map(|one| one * batch as u64);
        }
    }
    macs
}

/// What our export noted about the network before its batch norms were folded, for one image.
fn stored(file: &ModelFile) -> Option<BTreeMap<String, u64>> {
    serde_json::from_str(file.model.metadata.get(metadata::CONVENTIONS)?).ok()
}

fn params_of_file(file: &ModelFile, account: &Account) -> Params {
    let norms = account.nodes.iter().filter(|node| node.op_type == "BatchNormalization");
    // Of four tensors of a batch norm two are statistics.
    let norms: u64 = norms.map(|node| node.params / 2).sum();
    Params {
        trained: trained(file),
        without_aux: None,
        batch_norm: (norms > 0).then_some(norms),
        deployed: account.params,
    }
}

/// The number of trained parameters that the file's metadata gives.
pub(in crate::commands) fn trained(file: &ModelFile) -> Option<u64> {
    file.model.metadata.get(metadata::TRAINED)?.parse().ok()
}

impl From<NodeAccount> for Node {
    fn from(node: NodeAccount) -> Self {
        Self {
            name: node.name,
            kind: node.op_type,
            output: node.output,
            terms: node.terms,
            params: node.params,
            activation_bytes: node.activation_bytes,
        }
    }
}
