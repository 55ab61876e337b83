//! P-DARTS (Chen et al. 2019): the supernet grows deeper from stage to stage, and its choice smaller.
//!
//! Stages of equal length: 5, 11 and 17 cells, with 8, then 5, then 3 candidates on each edge (`none` among them). After a
//! stage each edge drops its candidates of lowest softmax; weights and alphas start anew, and so do the learning rate and
//! the epochs in which the weights train alone.
//!
//! Skip connections are held back twice. Those of stride 1 have dropout, element by element, at the rate
//! `r · (E − e − 1) / E` in epoch e of the E of a stage while the weights train alone (the first a epochs), and
//! `r · exp(−0.2 · (e − a))` afterwards. And the normal cell of the last stage has at most M = 2 of them: the weakest chosen
//! one is ruled out and the cell derived again until that holds. Source: the released code, `chenxin061/pdarts`.

use models::genotype::{Edge, Genotype};
use models::layer::Mix;
use models::network::{Row, Table};
use models::primitive::SKIP_CONNECT;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Entry, Method, Moment, Numbers, Place, Stage, View, family};
use crate::config::{Config, ensure};
use crate::error::Error;
use crate::net::Candidate;

/// How fast the dropout falls once the alphas are trained, per epoch.
const FALL: f64 = 0.2;
/// The table of the reduction cell.
const REDUCE: usize = 1;
/// Its edges of stride 2, by row: those from nodes 0 and 1 into nodes 2, 3, 4 and 5.
const STRIDED: [usize; 8] = [0, 1, 2, 3, 5, 6, 9, 10];

/// Settings of P-DARTS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PDartsConfig {
    /// Cells of each stage's supernet; as many stages.
    pub cells: Vec<usize>,
    /// Candidates that each edge keeps after each stage but the last.
    pub kept: Vec<usize>,
    /// Rate r of the dropout on skip connections of stride 1 by stage, each in `[0, 1)`.
    pub dropout: Vec<f64>,
    /// The most skip connections M of the last stage's normal cell.
    pub skips: usize,
}

impl PDartsConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When a list has not as many numbers as there are stages, or a number is out of range; names the key.
    fn check(&self, epochs: usize) -> Result<(), Error> {
        let stages = self.cells.len();
        let some = stages > 0 && !self.cells.contains(&0);
        ensure(some, "p_darts.cells", format!("{:?}", self.cells), "at least one stage, of one cell or more")?;
        let kept = self.kept.len() + 1 == stages && !self.kept.contains(&0);
        let expected = "a number of at least 1 for each stage of p_darts.cells but the last";
        ensure(kept, "p_darts.kept", format!("{:?}", self.kept), expected)?;
        let rates = self.dropout.len() == stages && self.dropout.iter().all(|rate| (0.0..1.0).contains(rate));
        let expected = "a probability below 1 for each stage of p_darts.cells";
        ensure(rates, "p_darts.dropout", format!("{:?}", self.dropout), expected)?;
        ensure(epochs >= stages, "search.epochs", epochs, "an epoch for each stage of p_darts.cells, or more")
    }
}

/// DARTS in stages.
struct PDarts {
    config: PDartsConfig,
    epochs: usize,
    alpha_start: usize,
}

impl Method for PDarts {
    fn restart(&self, epoch: usize, now: &Stage, view: &View<'_>) -> Option<Stage> {
        let stage = (0..self.config.cells.len()).find(|&stage| self.start(stage) == epoch)?;
        let tables = match stage.checked_sub(1) {
            None => now.tables.clone(),
            Some(last) => pruned(view, self.config.kept[last]),
        };
        Some(Stage { cells: self.config.cells[stage], tables })
    }

    fn cycle(&self, epoch: usize, _epochs: usize) -> [usize; 2] {
        let stage = self.stage(epoch);
        [epoch - self.start(stage), self.start(stage + 1) - self.start(stage)]
    }

    fn touches(&self, op: &str, moment: Moment) -> bool {
        op == SKIP_CONNECT && self.dropout(moment.epoch) > 0.0
    }

    fn perturb(&self, candidate: Candidate<'_>, _extras: &[Tensor], moment: Moment, output: Tensor) -> Tensor {
        if is_strided(candidate.mix) { output } else { output.dropout(self.dropout(moment.epoch), true) }
    }

    /// As DARTS, edges in the order of their predecessors; in the last stage with few skip connections.
    fn derive(&self, view: &View<'_>, probabilities: &Numbers) -> Genotype {
        let mut genotype = if self.is_last(view.tables) {
            self.restricted(view, probabilities.clone())
        } else {
            view.space.derive(view.tables, probabilities)
        };
        for cell in std::iter::once(&mut genotype.normal).chain(&mut genotype.reduce) {
            cell.edges.sort_by_key(|edge| (edge.node, edge.from));
        }
        genotype
    }
}

impl PDarts {
    /// The first epoch of a stage; that of the stage after the last is the number of epochs.
    fn start(&self, stage: usize) -> usize {
        stage * self.epochs / self.config.cells.len()
    }

    fn stage(&self, epoch: usize) -> usize {
        (1..self.config.cells.len()).take_while(|&stage| self.start(stage) <= epoch).count()
    }

    fn dropout(&self, epoch: usize) -> f64 {
        let rate = self.config.dropout[self.stage(epoch)];
        let [epoch, epochs] = self.cycle(epoch, self.epochs);
        match epoch.checked_sub(self.alpha_start) {
            None => rate * (epochs - epoch - 1) as f64 / epochs as f64,
            Some(since) => rate * (-FALL * since as f64).exp(),
        }
    }

    /// Whether the supernet of these tables is that of the last stage.
    fn is_last(&self, tables: &[Table]) -> bool {
        let most = self.config.kept.last().copied().unwrap_or(usize::MAX);
        tables.iter().flat_map(|table| &table.rows).all(|row| row.ops.len() <= most)
    }

    /// The genotype with at most so many skip connections in the normal cell, where its edges have other candidates.
    fn restricted(&self, view: &View<'_>, mut weights: Numbers) -> Genotype {
        let mut genotype = view.space.derive(view.tables, &weights);
        while genotype.normal_skips() > self.config.skips {
            let Some([row, op]) = weakest_skip(&view.tables[0], &weights[0], &genotype) else { break };
            weights[0][row][op] = 0.0;
            genotype = view.space.derive(view.tables, &weights);
        }
        genotype
    }
}

fn is_strided(mix: &Mix) -> bool {
    mix.table == REDUCE && STRIDED.contains(&mix.row)
}

/// The choices with the strongest candidates of each edge, in their old order; of equal ones the later stay.
fn pruned(view: &View<'_>, kept: usize) -> Vec<Table> {
    let mut tables: Vec<Table> =
        view.tables.iter().map(|table| Table { name: table.name.clone(), rows: vec![] }).collect();
    for place in view.places() {
        tables[place.table].rows.push(strongest(&place, kept));
    }
    tables
}

fn strongest(place: &Place<'_>, kept: usize) -> Row {
    let alpha = |k: usize| place.alpha.double_value(&[k as i64]);
    let mut ops: Vec<usize> = (0..place.ops.len()).collect();
    while ops.len() > kept {
        // Alphas rank as their softmax does.
        let lowest = (1..ops.len()).fold(0, |low, at| if alpha(ops[at]) < alpha(ops[low]) { at } else { low });
        ops.remove(lowest);
    }
    Row { edge: place.edge.into(), ops: ops.into_iter().map(|k| place.ops[k].clone()).collect() }
}

/// Row and operation of the weakest skip connection among the chosen ones that are not yet ruled out.
fn weakest_skip(table: &Table, weights: &[Vec<f64>], genotype: &Genotype) -> Option<[usize; 2]> {
    let place = |edge: &Edge| {
        let name = edge.name();
        let row = table.rows.iter().position(|row| row.edge == name)?;
        Some([row, table.rows[row].ops.iter().position(|op| op == SKIP_CONNECT)?])
    };
    let weight = |&[row, op]: &[usize; 2]| weights[row][op];
    let skips = genotype.normal.edges.iter().filter(|edge| edge.op == SKIP_CONNECT);
    let open = skips.filter_map(place).filter(|at| weight(at) > 0.0);
    open.min_by(|a, b| weight(a).total_cmp(&weight(b)))
}

fn make(config: &Config) -> Result<Box<dyn Method>, Error> {
    family::only_darts("p-darts", &config.space, "a row of cells that can be made longer")?;
    config.p_darts.check(config.search.epochs)?;
    let (epochs, alpha_start) = (config.search.epochs, config.search.alpha_start);
    Ok(Box::new(PDarts { config: config.p_darts.clone(), epochs, alpha_start }))
}

pub(super) const ENTRY: Entry = Entry {
    name: "p-darts",
    summary: "DARTS in stages of more cells and fewer candidates, with few skip connections",
    source: "Chen et al. 2019, Progressive Differentiable Architecture Search",
    settings: "darts.none = true",
    published: include_str!("../../presets/methods/p_darts.toml"),
    make,
};
