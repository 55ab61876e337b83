//! The space of `NAS-Bench-201` (Dong and Yang 2020; Benchmark 15 of the paper): one cell of four nodes, the first
//! its input and the last its output, with one of five operations on each of six edges.
//!
//! Network: stem, three stages of N cells with C, 2C and 4C channels, a residual block of stride 2 before the second
//! and the third. [`Skeleton::cells`] is N. Source: `D-X-Y/AutoDL-Projects: xautodl/models/cell_searchs`.

use crate::error::Error;
use crate::genotype::{Genotype, NB201, strongest_each};
use crate::layer::{Activation, BatchNorm, Conv2d, Layer, Mix, Pool};
use crate::nb201::{EDGES, OPS};
use crate::network::{Builder, Network, NodeId, Row, Table};
use crate::primitive::{NONE, OpSpec, Primitive, Style};
use crate::spaces::cell::Choice;
use crate::spaces::skeleton::{self, Skeleton, Stem};
use crate::spaces::{SearchSpace, SpaceOptions};

/// Stages; channels double from one to the next.
const STAGES: usize = 3;
/// The last node of a cell, its output.
const LAST: usize = 3;

/// The space of `NAS-Bench-201`.
pub struct NasBench201;

impl SearchSpace for NasBench201 {
    fn name(&self) -> &'static str {
        NB201
    }

    fn summary(&self) -> &'static str {
        "one cell of 6 edges with 5 operations each; cells = N per stage, three stages"
    }

    fn source(&self) -> &'static str {
        "Dong and Yang 2020, NAS-Bench-201; its one-shot networks as in AutoDL-Projects"
    }

    fn tables(&self, _skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        let row = |(node, from)| Row { edge: format!("{node}_{from}"), ops: OPS.map(String::from).to_vec() };
        vec![Table { name: "normal".into(), rows: EDGES.into_iter().map(row).collect() }]
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        let mut b = skeleton::start("nb201-supernet", skeleton);
        let mut choices = Vec::new();
        for table in tables {
            let table_index = b.table(table.clone());
            let mixed = |(row, choices): (usize, &Row)| {
                Choice::Mix(Mix { table: table_index, row }, choices.ops.clone())
            };
            choices.extend(table.rows.iter().enumerate().map(mixed));
        }
        build(b, skeleton, &Cell { choices, style: Style::Search })
    }

    fn derive(&self, tables: &[Table], weights: &[Vec<Vec<f64>>]) -> Genotype {
        let normal = strongest_each(&tables[0], &weights[0]);
        Genotype { space: NB201.into(), normal, reduce: None }
    }

    fn derived(&self, name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
        let choices = genotype.normal.edges.iter().map(|edge| Choice::One(edge.op.clone())).collect();
        build(skeleton::start(name, skeleton), skeleton, &Cell { choices, style: Style::Retrain })
    }

    fn published(&self, stem: Stem) -> Skeleton {
        Skeleton { stem, channels: 16, cells: 5, classes: 10, size: [32, 32], auxiliary: false }
    }

    fn has_auxiliary(&self) -> bool {
        false
    }
}

/// What stands on the six edges of every cell.
struct Cell {
    choices: Vec<Choice>,
    style: Style,
}

fn build(mut b: Builder, skeleton: &Skeleton, cell: &Cell) -> Result<Network, Error> {
    skeleton.check()?;
    let stem = Layer::Conv2d(Conv2d::same(skeleton.channels, 3, 1));
    let image = b.input();
    let mut x = b.chain("stem", image, vec![("conv", stem), ("bn", norm())])?;
    let mut index = 0;
    for stage in 0..STAGES {
        let channels = skeleton.channels << stage;
        if stage > 0 {
            x = residual(&mut b, &format!("cells.{index}"), x, channels)?;
            index += 1;
        }
        for _ in 0..skeleton.cells {
            x = cell.build(&mut b, &format!("cells.{index}"), x, channels)?;
            index += 1;
        }
    }
    let parts = vec![
        ("bn", norm()),
        ("relu", RELU),
        ("pool", Layer::GlobalAvgPool),
        ("flatten", Layer::Flatten),
        ("linear", Layer::Linear(skeleton.classes)),
    ];
    let logits = b.chain("head", x, parts)?;
    b.output("logits", logits);
    b.finish()
}

const RELU: Layer = Layer::Activation(Activation::Relu);

const fn norm() -> Layer {
    Layer::BatchNorm(BatchNorm::new(true))
}

/// Two 3x3 convolutions, the first of stride 2, beside a shortcut of mean pool and 1x1 convolution.
fn residual(b: &mut Builder, path: &str, x: NodeId, channels: usize) -> Result<NodeId, Error> {
    let conv = |stride| Layer::Conv2d(Conv2d::same(channels, 3, stride));
    let parts = ["relu1", "conv1", "bn1", "relu2", "conv2", "bn2"];
    let layers = [RELU, conv(2), norm(), RELU, conv(1), norm()];
    let main = b.chain(path, x, parts.into_iter().zip(layers).collect())?;
    let pool = Layer::AvgPool(Pool { kernel: 2, stride: 2, padding: 0 });
    let shortcut = vec![("pool", pool), ("conv", Layer::Conv2d(Conv2d::pointwise(channels)))];
    let short = b.chain(&format!("{path}.shortcut"), x, shortcut)?;
    b.push(format!("{path}.add"), Layer::Add, &[main, short])
}

impl Cell {
    fn build(&self, b: &mut Builder, path: &str, x: NodeId, channels: usize) -> Result<NodeId, Error> {
        let mut nodes = vec![x];
        for node in 1..=LAST {
            let mut terms = Vec::new();
            for ((_, from), choice) in EDGES.into_iter().zip(&self.choices).filter(|edge| edge.0.0 == node) {
                terms.extend(self.edge(
                    b,
                    &format!("{path}.edges.{node}_{from}"),
                    nodes[from],
                    channels,
                    choice,
                )?);
            }
            nodes.push(match terms[..] {
                [] => b.push(format!("{path}.nodes.{node}"), Layer::Zero { stride: 1 }, &[x])?,
                [only] => only,
                _ => b.push(format!("{path}.nodes.{node}"), Layer::Add, &terms)?,
            });
        }
        Ok(nodes[LAST])
    }

    /// The output of an edge; nothing where it has the zero operation alone.
    fn edge(
        &self,
        b: &mut Builder,
        path: &str,
        x: NodeId,
        channels: usize,
        choice: &Choice,
    ) -> Result<Option<NodeId>, Error> {
        let mut op = |op: &String| {
            // Pools have no batch norm here, while searching neither.
            let style = if op == "avg_pool_3x3" { Style::Retrain } else { self.style };
            Primitive::by_name(op)?.build(b, &format!("{path}.{op}"), x, OpSpec { channels, stride: 1, style })
        };
        match choice {
            Choice::One(none) if none == NONE => Ok(None),
            Choice::One(chosen) => op(chosen).map(Some),
            Choice::Mix(mix, ops) => {
                let candidates = ops.iter().map(op).collect::<Result<Vec<NodeId>, Error>>()?;
                b.push(format!("{path}.mix"), Layer::Mix(mix.clone()), &candidates).map(Some)
            }
        }
    }
}
