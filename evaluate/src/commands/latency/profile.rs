//! `latency --profile`: what each node takes, beside what it has to compute.

use models::onnx::Assume;
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    measure::{
        bootstrap::typical,
        latency::{Latency, Length, Protocol},
        profile::{Joined, join},
    },
    places::chosen,
    runtimes::{NodeRuns, Options, Runtime},
    subject::ModelFile,
};

/// Most runs that are profiled: a quartile needs no more, and the profile of a large network takes half a megabyte per run.
const RUNS: usize = 50;

/// What the nodes of a model take, and how far that can be believed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// In the order in which they run.
    pub(crate) nodes: Vec<NodeTime>,
    pub(crate) profile: Summary,
}

/// A node of the runtime's own graph.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NodeTime {
    /// The model's name for what it computes; the runtime's for what the runtime has added.
    pub(crate) name: String,
    /// The runtime's operator.
    pub(crate) op: String,
    /// The execution provider that ran it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// Lower quartile of its times in milliseconds; on which clock, the summary says.
    pub(crate) ms: f64,
    /// Of the time of all nodes, from 0 to 1.
    pub(crate) share: f64,
    /// Multiply-adds of convolutions and linear layers.
    pub(crate) macs: u64,
    /// Of its inputs, weights and outputs.
    pub(crate) bytes: Option<u64>,
    /// Thousand million multiply-adds per second; none without multiply-adds.
    pub(crate) gmacs_per_s: Option<f64>,
    /// The edge of the genotype (`cells.3.edges.2_0`), or the block (`layers.7`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edge: Option<String>,
    /// Whether it is a node of the model, and not only the runtime's.
    pub(crate) in_model: bool,
}

/// All nodes together, beside whole runs. Times are lower quartiles in milliseconds: what disturbs a run only ever
/// adds time, and of nodes some runtimes keep no CPU time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// Runs that were profiled.
    pub(crate) runs: usize,
    /// Clock of the nodes' times: `cpu`, or `wall` where the runtime keeps that.
    pub(crate) node_clock: String,
    /// Sum of the nodes.
    pub(crate) sum: f64,
    /// Clock of the two times of whole runs: `cpu`, or `wall` where that does not tell.
    pub(crate) clock: String,
    /// A run without profiling.
    pub(crate) plain: f64,
    /// A run with profiling.
    pub(crate) profiled: f64,
    /// Multiply-adds of the model for which no node was found; where nodes are equal, runtimes compute one of them.
    pub(crate) macs_not_found: u64,
}

/// Profiles a model that has just been measured.
pub(super) fn profile(
    runtime: &dyn Runtime,
    file: &ModelFile,
    options: &Options,
    input: &[f32],
    plain: &Latency,
    protocol: Protocol,
) -> Result<Profile> {
    let runs = plain.wall().len().min(RUNS);
    let protocol = Protocol { length: Length::Runs(runs), ..protocol };
    let mut profiler = runtime.profiler(file, options)?;
    let profiled = protocol.measure(profiler.as_mut(), input)?;
    let (node_clock, nodes) = (profiler.clock().into(), profiler.finish()?);
    let input = Some(options.shape.clone());
    let account = file.account(&Assume { input, allow_unknown: true, ..Assume::default() })?;
    let macs: Vec<u64> = account.nodes.iter().map(|node| node.macs).collect();
    let joined = join(&file.model.graph, &macs, &nodes);
    // Another thread's or device's work is not in this thread's CPU time.
    let is_here = options.threads <= 1 && nodes.iter().all(NodeRuns::is_on_cpu);
    let [plain, profiled_run] =
        [plain, &profiled].map(|latency| latency.cpu().filter(|_| is_here).ok_or(latency));
    let nodes = timed(nodes, joined, profiled.warmup);
    let found: u64 = nodes.iter().map(|node| node.macs).sum();
    let profile = Summary {
        runs,
        node_clock,
        sum: nodes.iter().map(|node| node.ms).sum(),
        clock: if plain.is_ok() { "cpu" } else { "wall" }.into(),
        plain: typical(plain.unwrap_or_else(Latency::wall).into_iter()),
        profiled: typical(profiled_run.unwrap_or_else(Latency::wall).into_iter()),
        macs_not_found: account.macs.saturating_sub(found),
    };
    Ok(Profile { nodes, profile })
}

/// Lower quartiles of the nodes, without the runs of the warm-up.
fn timed(nodes: Vec<NodeRuns>, joined: Vec<Joined>, warmup: usize) -> Vec<NodeTime> {
    let times: Vec<f64> = nodes
        .iter()
        .map(|node| typical(node.times.get(warmup..).unwrap_or(&node.times).iter().copied()))
        .collect();
    let sum: f64 = times.iter().sum();
    let rows = nodes.into_iter().zip(joined).zip(times).map(|((node, joined), ms)| NodeTime {
        op: node.op,
        provider: node.provider,
        ms,
        share: ms / sum.max(1e-9),
        macs: joined.macs,
        bytes: node.activation_bytes.map(|bytes| bytes + node.weight_bytes.max(joined.weight_bytes)),
        gmacs_per_s: rate(joined.macs, ms),
        edge: chosen(&joined.name).map(String::from),
        in_model: joined.is_known,
        name: joined.name,
    });
    rows.collect()
}

/// Thousand million multiply-adds per second.
pub(super) fn rate(macs: u64, ms: f64) -> Option<f64> {
    (macs > 0 && ms > 0.0).then(|| macs as f64 / ms / 1e6)
}
