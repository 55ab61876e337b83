//! What is compared of a run, read from its folder; the run may still go on.

use std::path::{Path, PathBuf};

use models::genotype::{self, Genotype};
use models::nb201::table::Table;
use models::primitive::SKIP_CONNECT;
use serde_json::Value;

use crate::config::Config;
use crate::error::Error;
use crate::run_folder::{RunFolder, ends_of_epochs, read_lines};

use super::super::epochs;

/// A value after each epoch: (epochs, value).
pub(super) type Curve = Vec<(f64, f64)>;

/// A search, as far as it is compared.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its folder.
    pub path: PathBuf,
    /// What it is called; runs of the same label belong together.
    pub label: String,
    /// Its seed.
    pub seed: u64,
    /// Its search space.
    pub space: String,
    /// The genotype found, or found so far.
    pub genotype: Genotype,
    /// Test accuracy of that genotype on CIFAR-10 in NAS-Bench-201, in percent, where the table was given.
    pub reached: Option<f64>,
    /// Mean mixing weight of `skip_connect` over the edges of the normal cell that have it.
    pub(super) skip_weight: Curve,
    /// Skip connections in the derived normal cell.
    pub(super) skips: Curve,
    /// Validation accuracy of the supernet, in percent.
    pub(super) valid: Curve,
    /// The operation of the largest weight on each edge of the normal cell, at the end.
    pub(super) dominating: Vec<String>,
}

impl Run {
    /// Reads a run folder; without a label, the method is one, with sigma for NoisyDARTS.
    ///
    /// # Errors
    /// When the folder holds no search, or one of which no epoch is finished; when a file is broken or does not name its
    /// operations; when the genotype is not in the table.
    pub fn read(root: &Path, label: Option<&str>, table: Option<&Table>) -> Result<Self, Error> {
        let config = RunFolder::settings(root)?;
        let refuse = |problem: &str| Error::RunFolder { path: root.into(), problem: problem.into() };
        let alphas = root.join("alphas.jsonl");
        if !alphas.is_file() {
            return Err(refuse("there is no alphas.jsonl: not a search"));
        }
        let metrics = ends_of_epochs(read_lines(&root.join("metrics.jsonl"))?);
        if metrics.is_empty() {
            return Err(refuse("no epoch of its search is finished yet"));
        }
        let genotype = genotype::read(&root.join("genotype.json"))?;
        let reached = table.map(|table| reached(table, &genotype, root)).transpose()?;
        let (skip_weight, dominating) = weights(&alphas, &read_lines(&alphas)?)?;
        let curve = |key: &str, scale: f64| {
            let point = |line: &Value| Some((epochs(line)?, line[key].as_f64()? * scale));
            metrics.iter().filter_map(point).collect()
        };
        Ok(Self {
            path: root.into(),
            label: label.map_or_else(|| default_label(&config), Into::into),
            seed: config.seed,
            reached,
            skip_weight,
            skips: curve("normal_skips", 1.0),
            valid: curve("valid_accuracy", 100.0),
            dominating,
            genotype,
            space: config.space,
        })
    }

    /// Refuses a run of another space: where other operations compete, weights mean something else.
    ///
    /// # Errors
    /// When the spaces differ; names both.
    pub fn check_comparable(&self, first: &Self) -> Result<(), Error> {
        if self.space == first.space {
            return Ok(());
        }
        let problem = format!(
            "its space is {}, that of {} is {}: skip weights of different spaces cannot be compared",
            self.space,
            first.path.display(),
            first.space
        );
        Err(Error::RunFolder { path: self.path.clone(), problem })
    }

    /// Label and seed.
    pub(super) fn name(&self) -> String {
        format!("{}, seed {}", self.label, self.seed)
    }

    /// Edges of the derived normal cell.
    pub(super) const fn edges(&self) -> usize {
        self.genotype.normal.edges.len()
    }

    /// Where it ended, in words.
    pub(super) fn figures(&self) -> String {
        let last = |curve: &Curve, digits: usize| {
            curve.last().map_or("?".into(), |(_, value)| format!("{value:.digits$}"))
        };
        let reached =
            self.reached.map_or(String::new(), |percent| format!(", cell reaches {percent:.2} % on CIFAR-10"));
        format!(
            "{} epochs, skip weight {}, {} of {} edges skip, validation accuracy {} %{reached}",
            self.valid.last().map_or(0.0, |(epoch, _)| *epoch),
            last(&self.skip_weight, 3),
            self.genotype.normal_skips(),
            self.edges(),
            last(&self.valid, 2),
        )
    }
}

fn default_label(config: &Config) -> String {
    if config.method == "noisydarts" {
        format!("{}, sigma {}", config.method, config.noise.sigma)
    } else {
        config.method.clone()
    }
}

fn reached(table: &Table, genotype: &Genotype, root: &Path) -> Result<f64, Error> {
    let architecture = genotype.nb201().ok_or_else(|| {
        let problem = format!("its space is {}: --table only has cells of nb201", genotype.space);
        Error::RunFolder { path: root.into(), problem }
    })?;
    let [(_, [_, test]), ..] = table.row(architecture).accuracies();
    Ok(test)
}

/// The skip weight after each epoch and the dominating operations after the last.
fn weights(path: &Path, lines: &[Value]) -> Result<(Curve, Vec<String>), Error> {
    let (mut curve, mut dominating) = (Curve::new(), Vec::new());
    // Operations stand in the first line, and again where stages of a search drop some.
    let mut ops = &Value::Null;
    for (at, line) in lines.iter().enumerate() {
        let broken = |problem: &str| Error::Broken {
            what: "architecture parameters",
            path: path.into(),
            problem: format!("line {}: {problem}", at + 1),
        };
        let name = table_name(line).ok_or_else(|| broken("no weights of a normal cell"))?;
        ops = line.get("ops").unwrap_or(ops);
        if ops.is_null() {
            return Err(broken("the names of the operations are missing (key \"ops\"); run the search again"));
        }
        if line["step"] != 0 {
            continue;
        }
        let edges = named_weights(&line["weights"][name], &ops[name])
            .ok_or_else(|| broken("weights and names of operations do not fit each other"))?;
        let skip = mean_of(&edges, SKIP_CONNECT)
            .ok_or_else(|| broken("no edge of its space has skip_connect, whose weight is compared"))?;
        curve.extend(epochs(line).map(|epoch| (epoch, skip)));
        dominating = edges.iter().map(|edge| strongest(edge)).collect();
    }
    Ok((curve, dominating))
}

/// The table of the normal cell, or the only one.
fn table_name(line: &Value) -> Option<&str> {
    let tables = line["weights"].as_object()?;
    if tables.contains_key("normal") {
        return Some("normal");
    }
    tables.keys().next().filter(|_| tables.len() == 1).map(String::as_str)
}

/// Operations of one edge with their weights.
type Edge<'a> = Vec<(&'a str, f64)>;

fn named_weights<'a>(weights: &Value, ops: &'a Value) -> Option<Vec<Edge<'a>>> {
    let rows = weights.as_array()?.iter().zip(ops.as_array()?);
    let edges = rows.map(|(weights, names)| {
        let (weights, names) = (weights.as_array()?, names.as_array()?);
        let pair = |(name, weight): (&'a Value, &Value)| Some((name.as_str()?, weight.as_f64()?));
        let edge: Option<Edge<'a>> = names.iter().zip(weights).map(pair).collect();
        edge.filter(|edge| edge.len() == weights.len() && edge.len() == names.len())
    });
    edges.collect()
}

fn mean_of(edges: &[Edge<'_>], op: &str) -> Option<f64> {
    let weights: Vec<f64> =
        edges.iter().flatten().filter(|(name, _)| *name == op).map(|(_, weight)| *weight).collect();
    (!weights.is_empty()).then(|| weights.iter().sum::<f64>() / weights.len() as f64)
}

fn strongest(edge: &Edge<'_>) -> String {
    let strongest = edge.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    strongest.map_or(String::new(), |(name, _)| (*name).to_string())
}
