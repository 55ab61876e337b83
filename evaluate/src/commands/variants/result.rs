//! What `variants` finds, as it is written and printed.

use serde::Serialize;

use crate::{
    commands::{
        accuracy::{Judged, alone, chosen},
        compare::{By, Ratios, interval},
    },
    measure::{
        mcnemar,
        system::{
            conditions::{Conditions, worst},
            environment::Environment,
        },
        top::Share,
    },
    report::{Cell, Report, Table, percent},
    subject::ModelFile,
};

/// What `kind` says in these files.
pub(super) const KIND: &str = "variants";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(super) const SCHEMA: u32 = 1;

/// A model and its smaller files, on the same pictures and in the same rounds.
#[derive(Serialize)]
pub(super) struct Variants {
    pub(super) kind: &'static str,
    pub(super) schema: u32,
    pub(super) environment: Environment,
    pub(super) data: String,
    pub(super) split: String,
    /// How many pictures were judged by.
    pub(super) pictures: usize,
    /// Of how many.
    pub(super) of: usize,
    /// Seed they were drawn with; none where they are the first ones, or all.
    pub(super) seed: Option<u64>,
    /// Version and fixed settings of each runtime.
    pub(super) runtimes: Vec<String>,
    /// Of each process that measured time.
    pub(super) conditions: Vec<Conditions>,
    /// Each model on each runtime.
    pub(super) rows: Vec<Row>,
}

/// One model on one runtime.
#[derive(Serialize)]
pub(super) struct Row {
    model: String,
    runtime: &'static str,
    /// Of its file, decompressed.
    bytes: usize,
    top1: Share,
    /// None for the first model.
    #[serde(flatten)]
    beside: Option<Beside>,
}

/// A model beside the first one.
#[derive(Serialize)]
struct Beside {
    /// Size of its file, as a share of the first one's.
    size_share: f64,
    /// By how much its top-1 is higher, in points.
    points: f64,
    /// Pictures that the first model alone gets right.
    only_first: usize,
    /// Pictures that this one alone gets right.
    only_this: usize,
    /// Exact two-sided p of `McNemar`'s test that both are equally good.
    p: f64,
    time: Time,
}

/// Time per run of the first model and of this one.
#[derive(Serialize)]
pub(super) struct Time {
    /// The clock.
    pub(super) by: By,
    #[serde(flatten)]
    pub(super) ratios: Ratios,
}

impl Row {
    /// A model by itself.
    pub(super) fn new(file: &ModelFile, runtime: &'static str, judged: &Judged) -> Self {
        Self { model: file.name(), runtime, bytes: file.bytes.len(), top1: judged.top(1), beside: None }
    }

    /// The same beside the first model.
    pub(super) fn beside(self, first: &ModelFile, [a, b]: [&Judged; 2], time: Time) -> Self {
        let [only_first, only_this] = alone(a, b);
        let beside = Beside {
            size_share: self.bytes as f64 / first.bytes.len() as f64,
            points: self.top1.percent - a.top(1).percent,
            only_first,
            only_this,
            p: mcnemar::exact(only_first, only_this),
            time,
        };
        Self { beside: Some(beside), ..self }
    }

    fn cells(&self) -> Vec<Cell> {
        let [low, high] = self.top1.interval;
        let alone = [
            self.model.as_str().into(),
            self.runtime.into(),
            Cell::Count(self.bytes as u64),
            percent(self.top1.percent).into(),
            format!("{low:.2} to {high:.2} %").into(),
        ];
        let beside = self.beside.as_ref().map_or_else(Default::default, Beside::cells);
        alone.into_iter().chain(beside.map(Cell::from)).collect()
    }
}

impl Beside {
    fn cells(&self) -> [String; 5] {
        let Ratios { ratio, control, .. } = &self.time.ratios;
        let p = if self.p < 0.001 { format!("{:.1e}", self.p) } else { format!("{:.3}", self.p) };
        [
            percent(100.0 * self.size_share),
            format!("{:+.2}", self.points),
            p,
            interval(ratio),
            interval(control),
        ]
    }
}

impl Report for Variants {
    fn tables(&self) -> Vec<Table> {
        let heads = [
            "model",
            "runtime",
            "bytes",
            "top-1",
            "95 % interval",
            "size",
            "points",
            "McNemar p",
            "time",
            "control",
        ];
        let mut table = Table::new(&heads).left(&[1]);
        self.rows.iter().for_each(|row| table.row(&row.cells()));
        let chosen = chosen(self.pictures, self.of, self.seed);
        table.note(format!("top-1 on {} ({}, {chosen}), Wilson's intervals", self.data, self.split));
        table.note(
            "size, points, McNemar's exact p and time are beside the first model on the same runtime; control is the first model's time \
             beside its own",
        );
        table.note(format!(
            "{}, run in turn on one thread; 95 % intervals; {}",
            self.clock(),
            self.runtimes.join(" and ")
        ));
        match worst(&self.conditions.iter().collect::<Vec<_>>()) {
            nothing if nothing.is_empty() => {}
            worst => table.note(worst),
        }
        vec![table]
    }
}

impl Variants {
    fn clock(&self) -> &'static str {
        let wall = |row: &Row| row.beside.as_ref().is_some_and(|beside| beside.time.by == By::Wall);
        if self.rows.iter().any(wall) { "time that passed" } else { "CPU time" }
    }
}
