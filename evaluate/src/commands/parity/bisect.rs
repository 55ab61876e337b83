//! Where two runs of a model part: the first node whose output differs while all that it reads agrees.
//!
//! The model is cut off after a node, both runtimes run the piece, and the outputs are compared. Halving finds a node that differs
//! right after one that does not; where branches run side by side its inputs may differ already, so these are then followed
//! upwards. Pieces are optimised as whole models are. A difference that comes from fusing several nodes therefore shows at the last
//! of them.

use std::collections::{HashMap, HashSet};

use models::onnx::{self, Node};
use serde::Serialize;

use crate::{
    error::Result,
    feed::Logits,
    measure::compare::Difference,
    runtimes::{Options, Runtime},
    subject::ModelFile,
};

/// A model in a runtime.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) file: &'a ModelFile,
    pub(super) runtime: &'static dyn Runtime,
}

/// The node at which two sides part.
#[derive(Debug, Serialize)]
pub(super) struct Culprit {
    /// Names of the sides.
    pub(super) a: String,
    pub(super) b: String,
    /// The node's name, or that of its first output.
    pub(super) node: String,
    pub(super) op: String,
    /// Its place among the nodes that the output depends on, from 1.
    pub(super) place: usize,
    /// How many there are.
    pub(super) of: usize,
    /// Largest `max |a - b| / max |b|` of what it reads; 0 where that is the model's input.
    pub(super) before: f64,
    /// The same of what it gives.
    pub(super) after: f64,
    /// Pieces that were run on both sides.
    pub(super) pieces: usize,
    /// Pieces that one side could not run; the node may be one of these instead.
    pub(super) skipped: usize,
}

/// A search for it.
pub(super) struct Bisection<'a> {
    sides: [Side<'a>; 2],
    options: Options,
    /// One batch, the one that differs most.
    input: Vec<f32>,
    tolerance: f64,
    /// The nodes that depend on the input and that the output depends on, in order.
    nodes: Vec<&'a Node>,
    /// Which of them gives a value.
    makers: HashMap<&'a str, usize>,
    /// Differences by node; none where a piece cannot be run.
    known: HashMap<usize, Option<f64>>,
}

impl<'a> Bisection<'a> {
    /// Both sides are to have values of the same names, as two runtimes with one file have.
    pub(super) fn new(sides: [Side<'a>; 2], options: Options, input: Vec<f32>, tolerance: f64) -> Self {
        let nodes = between(sides[0].file);
        let outputs = nodes.iter().enumerate();
        let outputs = outputs.flat_map(|(at, node)| node.outputs.iter().map(move |value| (value.as_str(), at)));
        let makers = outputs.filter(|(value, _)| !value.is_empty()).collect();
        Self { sides, options, input, tolerance, nodes, makers, known: HashMap::new() }
    }

    /// The node, if the difference shows on this one batch; `tick` is called before each piece.
    pub(super) fn run(mut self, names: [String; 2], tick: &dyn Fn()) -> Option<Culprit> {
        let last = self.nodes.len().checked_sub(1)?;
        if self.difference(last, tick).is_none_or(|difference| difference <= self.tolerance) {
            return None;
        }
        let mut at = self.halve(last, tick);
        while let Some(before) = self.differing_input(at, tick) {
            at = before;
        }
        let inputs = self.inputs(at).into_iter();
        let before = inputs.filter_map(|input| self.known.get(&input).copied().flatten()).fold(0.0, f64::max);
        let (node, [a, b]) = (self.nodes[at], names);
        let skipped = self.known.values().filter(|known| known.is_none()).count();
        Some(Culprit {
            a,
            b,
            node: node.label().into(),
            op: node.op_type.clone(),
            place: at + 1,
            of: self.nodes.len(),
            before,
            after: self.known[&at].unwrap_or(f64::INFINITY),
            pieces: self.known.len() - skipped,
            skipped,
        })
    }

    /// A node that differs, with one right before it, among those that can be run, that does not. `last` differs.
    fn halve(&mut self, last: usize, tick: &dyn Fn()) -> usize {
        let (mut from, mut high) = (0, last);
        loop {
            let middle = usize::midpoint(from, high);
            let open = (from..high).filter(|at| self.known.get(at) != Some(&None));
            let Some(at) = open.min_by_key(|at| at.abs_diff(middle)) else { return high };
            match self.difference(at, tick) {
                Some(difference) if difference > self.tolerance => high = at,
                Some(_) => from = at + 1,
                None => {}
            }
        }
    }

    /// A node that this one reads from, and that differs itself.
    fn differing_input(&mut self, at: usize, tick: &dyn Fn()) -> Option<usize> {
        let inputs = self.inputs(at).into_iter();
        let differences: Vec<(usize, f64)> =
            inputs.filter_map(|input| Some((input, self.difference(input, tick)?))).collect();
        differences.into_iter().find(|(_, difference)| *difference > self.tolerance).map(|(input, _)| input)
    }

    /// The nodes that this one reads from.
    fn inputs(&self, at: usize) -> Vec<usize> {
        self.nodes[at].inputs.iter().filter_map(|value| self.makers.get(value.as_str()).copied()).collect()
    }

    /// The largest difference of a node's outputs that are in use; none where one side cannot run the piece.
    fn difference(&mut self, at: usize, tick: &dyn Fn()) -> Option<f64> {
        if let Some(known) = self.known.get(&at) {
            return *known;
        }
        let outputs = self.nodes[at].outputs.iter().filter(|value| !value.is_empty());
        let first_or_read = outputs.enumerate().filter(|(i, value)| *i == 0 || self.is_read(value));
        let worst = first_or_read.map(|(_, value)| {
            tick();
            let [a, b] = self.sides.map(|side| self.piece(side, value).ok());
            Some(apart(a?, b?))
        });
        let worst = worst.collect::<Option<Vec<f64>>>().map(|all| all.into_iter().fold(0.0, f64::max));
        self.known.insert(at, worst);
        worst
    }

    fn is_read(&self, value: &str) -> bool {
        self.nodes.iter().any(|node| node.inputs.iter().any(|input| input == value))
    }

    /// What a side gives for a value.
    fn piece(&self, side: Side, value: &str) -> Result<Vec<f32>> {
        let bytes = onnx::up_to(&side.file.bytes, value)?;
        let file = ModelFile { path: side.file.path.clone(), model: bytes.clone().try_into()?, bytes };
        side.runtime.load(&file, &self.options)?.run(&self.input)
    }
}

/// `max |a - b| / max |b|`; infinite for different numbers of numbers.
fn apart(a: Vec<f32>, b: Vec<f32>) -> f64 {
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let whole = |values: Vec<f32>| Logits { classes: values.len(), values };
    Difference::new(&whole(a), &whole(b)).max_relative
}

/// The nodes that the first output depends on and that depend on an input, in order.
fn between(file: &ModelFile) -> Vec<&Node> {
    let graph = &file.model.graph;
    let mut below: HashSet<&str> = graph.inputs.iter().map(|input| input.name.as_str()).collect();
    for node in &graph.nodes {
        if node.inputs.iter().any(|input| below.contains(input.as_str())) {
            below.extend(node.outputs.iter().map(String::as_str));
        }
    }
    let mut above: HashSet<&str> =
        graph.outputs.first().map(|output| output.name.as_str()).into_iter().collect();
    for node in graph.nodes.iter().rev() {
        if node.outputs.iter().any(|output| above.contains(output.as_str())) {
            above.extend(node.inputs.iter().map(String::as_str));
        }
    }
    let is_between = |node: &&Node| {
        let has = |names: &HashSet<&str>| node.outputs.iter().any(|output| names.contains(output.as_str()));
        has(&below) && has(&above)
    };
    graph.nodes.iter().filter(is_between).collect()
}
