//! The program `noisydarts-evaluate`, driven as a user drives it.
#![forbid(unsafe_code)]

mod accuracy;
mod bad_input;
mod device;
mod folder;
mod latency;
mod networks;
mod parity;
mod pretrained;
mod profile;
mod report;
mod table;
mod tiny;
mod variants;

use std::{ffi::OsStr, fs, path::PathBuf, process::Command};

use models::onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use prost::Message as _;

/// How the program ended and what it printed.
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program.
pub(crate) fn evaluate<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    let output =
        Command::new(env!("CARGO_BIN_EXE_noisydarts-evaluate")).args(args).output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Output {
        status: output.status.code().expect("a status"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs the program with JSON output and expects it to end with this status.
pub(crate) fn json<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, status: i32) -> serde_json::Value {
    let format = ["--format", "json"].map(|arg| arg.to_string().into());
    let output = evaluate(args.into_iter().map(|arg| arg.as_ref().to_os_string()).chain(format));
    assert_eq!(output.status, status, "{}", output.stderr);
    serde_json::from_str(&output.stdout).expect("JSON")
}

/// The runtimes that can be used here. ONNX Runtime's library may not be: then its tests are skipped, and say so.
pub(crate) fn runtimes() -> Vec<&'static str> {
    let model = Tiny::default().write();
    let probe = evaluate(["latency", "--runtime", "ort", "--runs", "1", model.path()]);
    if probe.status == 0 {
        return vec!["ort", "tract"];
    }
    assert!(
        probe.stderr.contains("find ONNX Runtime") || probe.stderr.contains("invalid value 'ort'"),
        "{}",
        probe.stderr
    );
    eprintln!("skipped for ort: {}", probe.stderr.trim());
    vec!["tract"]
}

/// Test data of this name, or none, which is said.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let default = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").into();
    let path = std::env::var_os("NOISYDARTS_TEST_DATA").map_or_else(default, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// A model of one convolution and global pooling: `classes` numbers from pictures `[batch, 3, 32, 32]`.
pub(crate) struct Tiny {
    pub(crate) batch: Option<i64>,
    pub(crate) classes: i64,
    /// The input is `[batch, 32, 32, 3]`.
    pub(crate) channels_last: bool,
    pub(crate) metadata: Vec<(&'static str, String)>,
}

/// A file that is there as long as this is.
pub(crate) struct TinyFile {
    _folder: tempfile::TempDir,
    path: String,
}

impl Default for Tiny {
    fn default() -> Self {
        Self { batch: Some(1), classes: 10, channels_last: false, metadata: Vec::new() }
    }
}

impl TinyFile {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl Tiny {
    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let classes = self.classes;
        let count = (classes * 27) as usize;
        let weights: Vec<u8> =
            (0..count).flat_map(|i| (((i * 7919) % 101) as f32 / 50.0 - 1.0).to_le_bytes()).collect();
        let weights = TensorProto {
            name: "w".into(),
            dims: vec![classes, 3, 3, 3],
            data_type: 1,
            raw_data: weights.into(),
            ..Default::default()
        };
        let (pixels, shape) = if self.channels_last { ("t", [32, 32, 3]) } else { ("x", [3, 32, 32]) };
        let [one, two, three] = shape.map(Some);
        let mut transpose = node("Transpose", &["x"], "t", None);
        transpose.attribute = vec![AttributeProto {
            name: "perm".into(),
            ints: vec![0, 3, 1, 2],
            r#type: 7,
            ..Default::default()
        }];
        let layers = [
            node("Conv", &[pixels, "w"], "a", None),
            node("GlobalAveragePool", &["a"], "b", None),
            node("Flatten", &["b"], "logits", Some(1)),
        ];
        let graph = GraphProto {
            name: "tiny".into(),
            node: self.channels_last.then_some(transpose).into_iter().chain(layers).collect(),
            initializer: vec![weights],
            input: vec![port("x", &[self.batch, one, two, three])],
            output: vec![port("logits", &[self.batch, Some(classes)])],
            ..Default::default()
        };
        let entry =
            |(key, value): &(&str, String)| StringStringEntryProto { key: (*key).into(), value: value.clone() };
        let opset = OperatorSetIdProto { version: 17, ..Default::default() };
        let metadata_props = self.metadata.iter().map(entry).collect();
        ModelProto {
            ir_version: 8,
            graph: Some(graph),
            opset_import: vec![opset],
            metadata_props,
            ..Default::default()
        }
        .encode_to_vec()
    }

    /// A file of its own.
    pub(crate) fn write(&self) -> TinyFile {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tiny.onnx");
        fs::write(&path, self.bytes()).expect("a file");
        TinyFile { path: path.to_str().expect("a path of text").into(), _folder: folder }
    }
}

pub(crate) fn node(op_type: &str, inputs: &[&str], output: &str, axis: Option<i64>) -> NodeProto {
    let attribute = axis.map(|i| AttributeProto { name: "axis".into(), i, r#type: 2, ..Default::default() });
    NodeProto {
        op_type: op_type.into(),
        name: output.into(),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.into()],
        attribute: attribute.into_iter().collect(),
        ..Default::default()
    }
}

pub(crate) fn port(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = |d: &Option<i64>| DimensionProto { dim_value: *d, dim_param: d.is_none().then(|| "N".into()) };
    let tensor =
        TensorTypeProto { elem_type: 1, shape: Some(TensorShapeProto { dim: dims.iter().map(dim).collect() }) };
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
