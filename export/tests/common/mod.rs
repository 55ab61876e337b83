//! A small network, its weights, and weights files of any kind of wrongness.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use export::Weights;
use models::genotype::Genotype;
use models::network::Network;
use models::spaces::darts;
use models::spaces::skeleton::{Skeleton, Stem};
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

pub(crate) const GENOTYPE: &str = include_str!("../../../models/tests/noisydarts-a.txt");

pub(crate) const SKELETON: Skeleton =
    Skeleton { stem: Stem::Cifar, channels: 4, cells: 3, classes: 5, size: [16, 16], auxiliary: false };

pub(crate) fn network() -> Network {
    darts::derived("small", &Genotype::parse(GENOTYPE).unwrap(), &SKELETON).unwrap()
}

/// A tensor as a safetensors file has it.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) dtype: Dtype,
    pub(crate) dims: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) type Tensors = BTreeMap<String, Stored>;

/// Random weights, which look trained.
pub(crate) fn tensors(network: &Network) -> Tensors {
    let weights = Weights::random(network, 7).tensors;
    let stored = |tensor: export::Tensor| Stored {
        dtype: Dtype::F32,
        dims: tensor.dims,
        bytes: tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect(),
    };
    weights.into_iter().map(|(name, tensor)| (name, stored(tensor))).collect()
}

/// The metadata that `noisydarts-search train` writes for [`network`].
pub(crate) fn metadata() -> HashMap<String, String> {
    let network = r#"{"skeleton":"cifar","channels":4,"cells":3,"classes":5,"size":[16,16],"auxiliary":false,"space":"darts"}"#;
    let input = r#"{"size":[16,16],"mean":[0.5,0.5,0.5],"std":[0.25,0.25,0.25],"fit":"pad","interpolation":"bilinear","layout":"nchw"}"#;
    let entries = [
        ("schema", "1"),
        ("genotype", &Genotype::parse(GENOTYPE).unwrap().to_json()),
        ("network", network),
        ("input", input),
        ("classes", r#"["a","b","c","d","e"]"#),
        ("accuracy", r#"{"top1":0.873,"correct":873,"images":1000,"data":"embedded:test"}"#),
        ("trained", "true"),
    ];
    entries.map(|(key, value)| (key.into(), value.into())).into()
}

pub(crate) fn bytes(tensors: &Tensors, metadata: Option<HashMap<String, String>>) -> Vec<u8> {
    let view = |(name, stored)| {
        let Stored { dtype, dims, bytes }: &Stored = stored;
        (name, TensorView::new(*dtype, dims.clone(), bytes).unwrap())
    };
    serialize(tensors.iter().map(view), metadata).unwrap()
}

/// A folder for one test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The weights of a file with these bytes.
pub(crate) fn read(folder: &Folder, bytes: &[u8]) -> Result<Weights, export::Error> {
    Weights::read(folder.write("weights.safetensors", bytes))
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}
