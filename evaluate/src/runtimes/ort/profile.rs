//! The profile that ONNX Runtime writes: a list of events in the Chrome trace format.

use std::{collections::HashMap, fs};

use serde::Deserialize;
use tempfile::TempDir;

use super::Loaded;
use crate::{
    error::{Cause, Error, Result},
    runtimes::{NodeRuns, Profiler, Session},
};

/// A session that writes a profile.
pub(super) struct Profiling {
    pub(super) loaded: Loaded,
    /// Where it is written; gone afterwards.
    pub(super) folder: TempDir,
}

impl Session for Profiling {
    fn run(&mut self, input: &[f32]) -> Result<Vec<f32>> {
        self.loaded.run(input)
    }
}

impl Profiler for Profiling {
    fn clock(&self) -> &'static str {
        "wall"
    }

    fn finish(self: Box<Self>) -> Result<Vec<NodeRuns>> {
        let Self { loaded: Loaded { model, mut session, .. }, folder } = *self;
        let text = session
            .end_profiling()
            .map_err(Cause::from)
            .and_then(|file| fs::read_to_string(folder.path().join(file)).map_err(Cause::from));
        let nodes = text.and_then(|text| Ok(nodes(&text)?));
        nodes.map_err(|source| Error::Run { model, runtime: "ort", source })
    }
}

/// An event; those of nodes have arguments.
#[derive(Deserialize)]
struct Event {
    cat: String,
    name: String,
    /// Whole microseconds.
    #[serde(default)]
    dur: f64,
    #[serde(default)]
    args: Arguments,
}

/// Numbers are written as text.
#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    op_name: String,
    #[serde(default)]
    node_index: String,
    provider: Option<String>,
    activation_size: Option<String>,
    parameter_size: Option<String>,
    output_size: Option<String>,
}

impl Arguments {
    fn activation_bytes(&self) -> Option<u64> {
        [&self.activation_size, &self.output_size].into_iter().map(|text| size(text.as_ref())).sum()
    }
}

fn size(text: Option<&String>) -> Option<u64> {
    text?.parse().ok()
}

/// The nodes of a profile. Beside the kernel's own time there may be events for waiting before and after it.
fn nodes(text: &str) -> Result<Vec<NodeRuns>, serde_json::Error> {
    let events: Vec<Event> = serde_json::from_str(text)?;
    let mut known = HashMap::new();
    let mut nodes: Vec<NodeRuns> = Vec::new();
    for event in events.into_iter().filter(|event| event.cat == "Node") {
        let Some(name) = event.name.strip_suffix("_kernel_time") else { continue };
        let at = *known.entry((event.args.node_index.clone(), name.to_string())).or_insert(nodes.len());
        if at == nodes.len() {
            nodes.push(NodeRuns {
                name: name.into(),
                activation_bytes: event.args.activation_bytes(),
                // Not those that it has packed for itself.
                weight_bytes: size(event.args.parameter_size.as_ref()).unwrap_or(0),
                op: event.args.op_name,
                provider: event.args.provider,
                times: Vec::new(),
            });
        }
        nodes[at].times.push(event.dur / 1e3);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ONNX Runtime 1.32.0 writes it, shortened.
    const PROFILE: &str = r#"[
        {"cat": "Session", "pid": 1, "dur": 308529, "ts": 2, "ph": "X", "name": "model_loading_uri", "args": {}},
        {"cat": "Node", "dur": 155, "ts": 3, "name": "stem.relu_nchwc_kernel_time", "args": {"node_index": "877",
         "activation_size": "12288", "parameter_size": "12544", "output_size": "458752", "op_name": "Conv",
         "provider": "CPUExecutionProvider", "input_type_shape": [{"float": [1, 3, 32, 32]}]}},
        {"cat": "Node", "dur": 2, "name": "stem.relu_nchwc_fence_after", "args": {"op_name": "Conv"}},
        {"cat": "Node", "dur": 24, "name": "ReorderOutput_kernel_time", "args": {"node_index": "9", "op_name": "ReorderOutput"}},
        {"cat": "Node", "dur": 145, "name": "stem.relu_nchwc_kernel_time", "args": {"node_index": "877", "op_name": "Conv"}}
    ]"#;

    #[test]
    fn events_become_nodes_with_a_time_per_run() {
        let nodes = nodes(PROFILE).unwrap();
        let conv = NodeRuns {
            name: "stem.relu_nchwc".into(),
            op: "Conv".into(),
            provider: Some("CPUExecutionProvider".into()),
            activation_bytes: Some(12_288 + 458_752),
            weight_bytes: 12_544,
            times: vec![0.155, 0.145],
        };
        assert_eq!(nodes[0], conv);
        assert_eq!((nodes.len(), &nodes[1].times[..], nodes[1].activation_bytes), (2, &[0.024][..], None));
    }
}
