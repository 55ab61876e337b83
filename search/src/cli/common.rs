//! Arguments that several commands share.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{fmt, process};

use clap::{Args, ValueEnum};
use models::files::write_atomic;

use crate::config::{Config, Layers};
use crate::device;
use crate::engine::{Engine, Job, Outcome};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::net::Memory;
use crate::precision::Precision;
use crate::run_folder::{Kind, RunFolder};

/// Where settings come from. Flags override --set, which overrides --config, which overrides the preset.
#[derive(Args, Clone, Debug)]
pub(super) struct Settings {
    /// Values to start from: toy, small, paper, … (see `presets`).
    #[arg(long, default_value = "toy")]
    preset: String,
    /// A TOML file with values that replace the preset's.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One value, by its dotted key; may be repeated: --set search.epochs=10
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// embedded, cifar10:DIR, cifar100:DIR, svhn:DIR, mnist:DIR, fashion-mnist:DIR or folder:DIR.
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// Root of all random draws: same seed, machine and threads, same result.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads of libtorch; 0 for one per core.
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    means: Means,
}

/// How steps are computed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct Means {
    /// What passes keep for the way back.
    #[arg(long)]
    memory: Option<Memory>,
    /// How precisely passes of steps compute; weights and optimisers have 32 bits in any case.
    #[arg(long)]
    precision: Option<Precision>,
}

impl Settings {
    /// Settings as if from a command line.
    pub(super) fn of(
        preset: &str,
        assignments: Vec<String>,
        source: &str,
        seed: u64,
        threads: Option<usize>,
        means: Means,
    ) -> Self {
        let (preset, data) = (preset.into(), Some(source.into()));
        Self { preset, config: None, assignments, data, seed: Some(seed), threads, means }
    }

    /// The settings with these flags laid over them.
    pub(super) fn resolve(&self, flags: &[(&str, Option<&str>)]) -> Result<Config, Error> {
        // Once for the names of space and method, then on their own presets.
        let named = self.laid(Layers::preset(&self.preset)?, flags)?;
        let start = Layers::preset_for(&self.preset, named.text("space"), named.text("method"))?;
        let mut config = self.laid(start, flags)?.resolve()?;
        // Written down resolved: a resumed run must use the same number.
        config.threads = device::use_threads(config.threads);
        config.precision.set();
        Ok(config)
    }

    /// These layers with everything that the command line names laid over them.
    fn laid(&self, mut layers: Layers, flags: &[(&str, Option<&str>)]) -> Result<Layers, Error> {
        if let Some(path) = &self.config {
            layers.lay_file(path)?;
        }
        for assignment in &self.assignments {
            layers.assign(assignment)?;
        }
        let Means { memory, precision } = self.means;
        let (memory, precision) = (memory.map(name), precision.map(name));
        let own = [
            ("data.source", self.data.as_deref()),
            ("memory", memory.as_deref()),
            ("precision", precision.as_deref()),
        ];
        for (key, value) in own.iter().chain(flags) {
            if let Some(value) = value {
                layers.set("a flag", key, *value)?;
            }
        }
        if let Some(seed) = self.seed {
            layers.set("--seed", "seed", i64::try_from(seed).unwrap_or(i64::MAX))?;
        }
        if let Some(threads) = self.threads {
            layers.set("--threads", "threads", threads as i64)?;
        }
        Ok(layers)
    }
}

/// The name of a flag's value.
fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

/// Where a run goes, and where it goes on from.
#[derive(Args, Clone, Debug)]
pub(super) struct Place {
    /// Folder for settings, metrics, checkpoints and results.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Go on with the interrupted run in this folder, with its own settings.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "preset", "config", "assignments", "data", "seed", "threads", "memory", "precision"])]
    pub(super) resume: Option<PathBuf>,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    pub(super) device: String,
}

/// A run before it starts.
pub(super) struct Start {
    pub(super) config: Config,
    pub(super) root: PathBuf,
    /// The folder to go on in. That of a new run is made when all that can be wrong with its settings and its data has
    /// shown itself, so that a second try finds the place free.
    pub(super) folder: Option<RunFolder>,
}

impl Place {
    /// The run to go on with, or a new one with these settings, by default in a folder of this name.
    pub(super) fn start(
        &self,
        kind: Kind,
        settings: impl FnOnce() -> Result<Config, Error>,
        name: impl FnOnce(&Config) -> String,
    ) -> Result<Start, Error> {
        if let Some(root) = &self.resume {
            let (folder, config) = RunFolder::open(root, kind)?;
            device::use_threads(config.threads);
            config.precision.set();
            return Ok(Start { config, root: root.clone(), folder: Some(folder) });
        }
        let config = settings()?;
        let root = self.out.clone().unwrap_or_else(|| Path::new("runs").join(name(&config)));
        RunFolder::check_unused(&root)?;
        Ok(Start { config, root, folder: None })
    }
}

/// Runs a job to its end, or until someone asks to stop.
pub(super) fn drive(
    job: &mut dyn Job,
    folder: &RunFolder,
    config: &Config,
    quiet: bool,
) -> Result<Outcome, Error> {
    let interrupt = Interrupt::watch();
    let (checkpoint_steps, report_steps) = (config.checkpoint.every_steps, config.report.every_steps);
    Engine { folder, interrupt: &interrupt, checkpoint_steps, report_steps, quiet }.run(job)
}

/// Writes a result to this file, or prints it.
pub(super) fn deliver(text: &str, out: Option<&Path>) -> Result<(), Error> {
    match out {
        None => put!("{text}"),
        Some(path) => write_atomic(path, text.as_bytes()).map_err(|source| Error::io("write", path, source))?,
    }
    Ok(())
}

/// Prints a result.
pub(super) fn put(text: fmt::Arguments<'_>) {
    match io::stdout().lock().write_fmt(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: failed to write to standard output: {error}");
            process::exit(1);
        }
        _ => {}
    }
}

/// Says something on stderr unless asked to be quiet.
pub(super) fn say(quiet: bool, text: &str) {
    if !quiet {
        eprintln!("{text}");
    }
}
