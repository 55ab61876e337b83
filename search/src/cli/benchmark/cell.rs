//! One run of a benchmark: a search, then a training or a look-up.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use models::genotype::{self, Genotype};
use models::nb201::table::{Column, Table};
use serde_json::{Value, json};
use tch::Device;

use super::Args;
use crate::benchmark::outcome::{Outcome, Trained};
use crate::benchmark::{Benchmark, machine};
use crate::cli::common::{Means, Settings, Start, deliver, say};
use crate::cli::{run, train};
use crate::config::Config;
use crate::error::Error;
use crate::run_folder::{Kind, RunFolder, ends_of_epochs, read_lines, try_lock};
use crate::weights_file::WeightsFile;

/// A run and where it is kept.
pub(super) struct Cell {
    pub(super) benchmark: &'static str,
    pub(super) method: String,
    root: PathBuf,
    config: Config,
    trains: bool,
}

/// How far a run got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    /// Another process is at work on it.
    Elsewhere,
    Interrupted,
}

impl Cell {
    pub(super) fn new(
        args: &Args,
        benchmark: &'static Benchmark,
        method: &str,
        seed: u64,
        looks_up: bool,
    ) -> Result<Self, Error> {
        let preset = args.preset.as_deref().unwrap_or(benchmark.preset);
        let source = benchmark.source(&args.data)?;
        let settings =
            Settings::of(preset, args.assignments.clone(), source, seed, args.threads, Means::default());
        let config = settings.resolve(&[("space", Some(benchmark.space)), ("method", Some(method))])?;
        crate::methods::by_name(&config.method, &config)?;
        Ok(Self {
            benchmark: benchmark.name,
            method: method.into(),
            root: args.out.join(benchmark.name).join(method).join(format!("seed-{seed}")),
            config,
            trains: !args.search_only && (!looks_up || benchmark.space != "nb201"),
        })
    }

    pub(super) fn name(&self) -> String {
        format!("{} with {}, seed {}", self.benchmark, self.method, self.config.seed)
    }

    /// The run folder of the search.
    pub(super) fn search(&self) -> PathBuf {
        self.root.join("search")
    }

    /// Whether the search has ended.
    pub(super) fn is_searched(&self) -> bool {
        is_finished(&self.search())
    }

    /// Runs what is not done yet.
    pub(super) fn run(
        &self,
        table: Option<&Table>,
        device: Device,
        label: &str,
        quiet: bool,
    ) -> Result<Progress, Error> {
        if self.outcome(table)?.is_some() {
            return Ok(Progress::Done);
        }
        let Some(_claim) = self.claim()? else { return Ok(Progress::Elsewhere) };
        say(quiet, label);
        let Some(genotype) = self.searched(device, quiet)? else { return Ok(Progress::Interrupted) };
        if self.trains && !self.trained(&genotype, device, quiet)? {
            return Ok(Progress::Interrupted);
        }
        let outcome = self.made(&genotype, table)?;
        deliver(&self.manifest(&outcome, device), Some(&self.root.join("manifest.json")))?;
        outcome.write(&self.result())?;
        Ok(Progress::Done)
    }

    fn result(&self) -> PathBuf {
        self.root.join("result.json")
    }

    /// What the run came to, where it is done.
    pub(super) fn outcome(&self, table: Option<&Table>) -> Result<Option<Outcome>, Error> {
        Ok(Outcome::read(&self.result())?.filter(|outcome| self.is_complete(outcome, table)))
    }

    /// Whether an outcome holds all that is asked for now.
    fn is_complete(&self, outcome: &Outcome, table: Option<&Table>) -> bool {
        let looked_up = table.is_none() || self.config.space != "nb201" || !outcome.looked_up.is_empty();
        looked_up && (!self.trains || outcome.trained.is_some())
    }

    /// Takes the run for this process alone.
    fn claim(&self) -> Result<Option<File>, Error> {
        fs::create_dir_all(&self.root).map_err(|source| Error::io("create", &self.root, source))?;
        try_lock(&self.root)
    }

    /// The genotype that the search found; nothing when it was interrupted.
    fn searched(&self, device: Device, quiet: bool) -> Result<Option<Genotype>, Error> {
        let root = self.search();
        if is_finished(&root) {
            return Ok(Some(genotype::read(&root.join("genotype.json"))?));
        }
        run::search_in(self.start(root, Kind::Search)?, device, quiet)
    }

    /// Whether the training came to its end.
    fn trained(&self, genotype: &Genotype, device: Device, quiet: bool) -> Result<bool, Error> {
        let root = self.training();
        if is_finished(&root) {
            return Ok(true);
        }
        let start = self.start(root, Kind::Training)?;
        Ok(train::train_in(start, Some(genotype.clone()), None, device, quiet)?.is_some())
    }

    fn training(&self) -> PathBuf {
        self.root.join("train")
    }

    /// A run folder to begin, or to go on in with its own settings.
    fn start(&self, root: PathBuf, kind: Kind) -> Result<Start, Error> {
        if !root.join("config.toml").exists() {
            return Ok(Start { config: self.config.clone(), root, folder: None });
        }
        let (folder, config) = RunFolder::open(&root, kind)?;
        self.check_same(&root, &config)?;
        Ok(Start { config, root, folder: Some(folder) })
    }

    /// A run that was begun with other settings is another run.
    fn check_same(&self, root: &Path, config: &Config) -> Result<(), Error> {
        if *config == self.config {
            return Ok(());
        }
        let problem = "it was begun with other settings; choose another --out, or the same settings".into();
        Err(Error::RunFolder { path: root.into(), problem })
    }

    fn made(&self, genotype: &Genotype, table: Option<&Table>) -> Result<Outcome, Error> {
        let searched = epochs(&self.search())?;
        let mut outcome =
            Outcome::new(self.benchmark, &self.method, self.config.seed, &self.config.data.source);
        outcome.genotype = genotype.to_string();
        outcome.skips = genotype.normal_skips();
        outcome.search_seconds = seconds(&searched);
        if self.trains {
            outcome.trained = self.training_result(genotype)?;
        }
        if let (Some(table), Some(architecture)) = (table, genotype.nb201()) {
            let row = table.row(architecture);
            let after_200 = Column::accuracies().filter(|column| !column.name().ends_with("_12ep"));
            outcome.looked_up = after_200.map(|column| (column.name().into(), row.get(column))).collect();
        }
        Ok(outcome)
    }

    fn training_result(&self, genotype: &Genotype) -> Result<Option<Trained>, Error> {
        let lines = epochs(&self.training())?;
        let tests: Vec<(usize, f64)> = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at + 1, 100.0 * line["test_accuracy"].as_f64()?)))
            .collect();
        let Some(&(_, last)) = tests.last() else { return Ok(None) };
        let best = tests.iter().copied().reduce(|best, test| if test.1 > best.1 { test } else { best });
        let (best_epoch, best) = best.unwrap_or((0, last));
        let weights = WeightsFile::read(&self.training().join("weights.safetensors"))?;
        let skeleton = weights.description.network.skeleton();
        let network = models::spaces::of(genotype).derived(self.benchmark, genotype, &skeleton)?;
        let cost = models::cost::total(&network.inference());
        let seconds = seconds(&lines);
        let (parameters, macs) = (cost.parameters, cost.macs);
        Ok(Some(Trained { parameters, macs, last, best, best_epoch, seconds }))
    }

    /// Configuration, versions, hardware and seconds per phase.
    fn manifest(&self, outcome: &Outcome, device: Device) -> String {
        let manifest = json!({
            "benchmark": self.benchmark,
            "method": self.method,
            "config": self.config,
            "machine": machine::describe(device, self.config.threads),
            "seconds": {
                "search": outcome.search_seconds,
                "train": outcome.trained.map(|trained| trained.seconds),
            },
        });
        serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n"
    }
}

/// A run's report is the last thing that it writes.
fn is_finished(root: &Path) -> bool {
    root.join("report.html").exists()
}

/// The ends of epochs in the metrics of a finished run.
fn epochs(root: &Path) -> Result<Vec<Value>, Error> {
    Ok(ends_of_epochs(read_lines(&root.join("metrics.jsonl"))?))
}

fn seconds(lines: &[Value]) -> f64 {
    // Not `sum`, which begins at -0.
    lines.iter().filter_map(|line| line["seconds"].as_f64()).fold(0.0, |sum, seconds| sum + seconds)
}
