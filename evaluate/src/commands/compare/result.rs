//! What `compare` finds, as it is written and for people.

use serde::Serialize;

use super::ratios::{By, Comparison, Outcome, Ratios};
use crate::{
    measure::{
        bootstrap::Ratio,
        system::{
            conditions::{Conditions, worst},
            cores,
            environment::Environment,
        },
    },
    report::{Report, Table, milliseconds},
};

/// What `kind` says in these files.
pub(crate) const KIND: &str = "compare";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(crate) const SCHEMA: u32 = 1;

/// One call of `compare`. All times are in milliseconds.
#[derive(Serialize)]
pub(crate) struct Compared {
    kind: &'static str,
    schema: u32,
    pub(super) how: How,
    /// The time that was judged.
    pub(super) by: By,
    /// Share of A's time by which B's may be longer.
    pub(super) max_regression: f64,
    /// Of this measurement, or of the two that are compared.
    pub(super) environments: Vec<Environment>,
    /// Of each process.
    pub(super) conditions: Vec<Conditions>,
    pub(super) comparisons: Vec<Comparison>,
}

/// Where the times come from.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum How {
    /// From A and B run in turn.
    Interleaved {
        runtimes: Vec<String>,
        /// Of all processes.
        rounds: usize,
        processes: u16,
        /// Processes whose warm-up ended in steady runs.
        steady: usize,
        /// The cores of the first process.
        pinned: Option<Vec<usize>>,
        seed: u64,
    },
    /// From result files.
    Apart {
        /// What differs between their machines and options, in words.
        differences: Vec<String>,
    },
}

impl Compared {
    pub(super) fn new(how: How, by: By, max_regression: f64) -> Self {
        let (environments, conditions, comparisons) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind: KIND, schema: SCHEMA, how, by, max_regression, environments, conditions, comparisons }
    }

    /// A comparison without a verdict: which, and why.
    pub(super) fn undecided(&self) -> Option<(String, String)> {
        let pair = self.comparisons.iter().find(|pair| pair.outcome == Outcome::Undecided)?;
        let way_out = match self.how {
            How::Interleaved { .. } => {
                "raise --seconds or --max-regression, or measure while less else is running"
            }
            How::Apart { .. } => "measure both again with more --runs, or let `compare` run the models in turn",
        };
        Some((pair.b.clone(), format!("{}; {way_out}", pair.verdict)))
    }
}

impl Report for Compared {
    fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = self.comparisons.iter().map(|pair| pair.table(self.by)).collect();
        if let Some(last) = tables.last_mut() {
            last.note(self.how.words());
            if let How::Apart { differences } = &self.how {
                for difference in differences {
                    last.note(format!("they differ: {difference}"));
                }
            }
            match worst(&self.conditions.iter().collect::<Vec<_>>()) {
                nothing if nothing.is_empty() => {}
                worst => last.note(worst),
            }
        }
        tables
    }
}

impl Comparison {
    fn table(&self, by: By) -> Table {
        let heads = ["", "A", "B", "B / A", "A / A"];
        let mut table = Table::new(&heads).titled(&format!("A {}\nB {}", self.a, self.b));
        let mut row = |name: &str, judged: bool, ratios: &Ratios| {
            let name = if judged { format!("{name} (judged)") } else { name.to_string() };
            let times = ratios.times.map(|time| milliseconds(Some(time)));
            let ratios = [&ratios.ratio, &ratios.control].map(interval);
            table.row(&[vec![name], times.to_vec(), ratios.to_vec()].concat());
        };
        if let Some(cpu) = &self.cpu {
            row("cpu", by == By::Cpu, cpu);
        }
        row("wall", by == By::Wall, &self.wall);
        table.note(format!("{}.", self.verdict));
        table
    }
}

/// A ratio and its interval, for people.
pub(crate) fn interval(Ratio { ratio, interval: [low, high] }: &Ratio) -> String {
    format!("{ratio:.3} [{low:.3}, {high:.3}]")
}

impl How {
    fn words(&self) -> String {
        match self {
            Self::Interleaved { runtimes, rounds, processes, pinned, .. } => format!(
                "milliseconds per run; {rounds} rounds in turn in {processes} fresh processes, the best of 3 each, of these the lower quartile; 95 % intervals; {}; {}",
                cores::said(pinned.as_deref()),
                runtimes.join(" and "),
            ),
            Self::Apart { .. } => "milliseconds per run, the lower quartile of bests of 3; 95 % intervals; A / A is one half of a file \
                                   against the other; what changed on the machine between the two measurements is in no interval"
                .into(),
        }
    }
}
