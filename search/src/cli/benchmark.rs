//! `noisydarts-search benchmark`.

mod cell;

use std::path::PathBuf;

use models::nb201::table::Table;

use crate::benchmark::outcome::Outcome;
use crate::benchmark::table::{self, Selection};
use crate::benchmark::{self, BENCHMARKS, Benchmark};
use crate::device;
use crate::error::Error;
use crate::report::compare::{self, Run};

use super::common::{deliver, say};
use super::{Done, Ended, nb201};
use cell::{Cell, Progress};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Benchmarks (all are listed without any): darts-cifar10, mobile-imagenet, s1-cifar10 … s4-svhn, nb201, collapse.
    #[arg(value_name = "NAME", conflicts_with = "all")]
    names: Vec<String>,
    /// All fifteen of the paper.
    #[arg(long)]
    all: bool,
    /// The methods to compare, instead of those that the paper compares there.
    #[arg(long, value_name = "A,B,..", value_delimiter = ',')]
    methods: Vec<String>,
    /// How many seeds: 0, 1, …
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Values to start from (see `presets`); by default the benchmark's own.
    #[arg(long)]
    preset: Option<String>,
    /// One value for all runs, by its dotted key; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// Where the images are; once per kind of data, such as cifar10:DIR. embedded stands in for any.
    #[arg(long, value_name = "SOURCE")]
    data: Vec<String>,
    /// Found cells of NAS-Bench-201 are looked up in it instead of trained.
    #[command(flatten)]
    table: nb201::Source,
    /// Whether found cells are neither trained nor looked up.
    #[arg(long)]
    search_only: bool,
    /// Which epoch of a training is its result.
    #[arg(long, value_enum, default_value_t)]
    select: Selection,
    /// Folder for the runs and the tables. Finished runs in it are not run again.
    #[arg(long, value_name = "DIR", default_value = "benchmarks")]
    out: PathBuf,
    /// Threads of libtorch; 0 for one per core. Start the command twice to have two runs at a time.
    #[arg(long)]
    threads: Option<usize>,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: String,
}

pub(super) fn benchmark(args: &Args, quiet: bool) -> Done {
    let chosen = chosen(args)?;
    if chosen.is_empty() {
        return Ok(list());
    }
    let device = device::by_name(&args.device)?;
    let table = args.table.open_named()?;
    let cells = cells(args, &chosen, table.is_some())?;
    for (at, cell) in cells.iter().enumerate() {
        let label = format!("[{}/{}] {}", at + 1, cells.len(), cell.name());
        if cell.run(table.as_ref(), device, &label, quiet)? == Progress::Interrupted {
            say(quiet, "interrupted; the same command goes on");
            return Ok(Ended::Interrupted);
        }
    }
    // Read at the end: other processes may have finished some meanwhile.
    let outcomes: Vec<Outcome> =
        cells.iter().filter_map(|cell| cell.outcome(table.as_ref()).transpose()).collect::<Result<_, _>>()?;
    let elsewhere = cells.len() - outcomes.len();
    if elsewhere > 0 {
        say(quiet, &format!("{elsewhere} runs are at work in other processes: not in these tables yet"));
    }
    write(args, &outcomes)?;
    if chosen.iter().any(|benchmark| benchmark.name == "collapse") {
        picture(args, &cells, table.as_ref(), quiet)?;
    }
    put!("{}", table::markdown(&outcomes, args.select));
    Ok(Ended::Done)
}

fn chosen(args: &Args) -> Result<Vec<&'static Benchmark>, Error> {
    if args.all {
        return Ok(BENCHMARKS.iter().filter(|benchmark| benchmark.number.is_some()).collect());
    }
    args.names.iter().map(|name| benchmark::by_name(name)).collect()
}

fn list() -> Ended {
    for Benchmark { name, number, summary, methods, .. } in BENCHMARKS {
        let number = number.map_or("–".into(), |number| number.to_string());
        put_line!("{number:>2}  {name:16} {summary}\n{:21}{}", "", methods.join(", "));
    }
    Ended::Done
}

/// Every run of these benchmarks; all settings are read here, so that what is wrong shows before anything runs. Seeds are
/// outermost: every method has one run before any has two.
fn cells(args: &Args, chosen: &[&'static Benchmark], looks_up: bool) -> Result<Vec<Cell>, Error> {
    let mut cells = Vec::new();
    for benchmark in chosen {
        for seed in 0..args.seeds {
            for method in methods(args, benchmark) {
                cells.push(Cell::new(args, benchmark, method, seed, looks_up)?);
            }
        }
    }
    Ok(cells)
}

/// The methods asked for, or those that the benchmark compares.
fn methods<'a>(args: &'a Args, benchmark: &'a Benchmark) -> Vec<&'a str> {
    if args.methods.is_empty() {
        benchmark.methods.to_vec()
    } else {
        args.methods.iter().map(String::as_str).collect()
    }
}

fn write(args: &Args, outcomes: &[Outcome]) -> Result<(), Error> {
    let json = serde_json::to_string_pretty(outcomes).unwrap_or_default() + "\n";
    let files = [
        ("results.md", table::markdown(outcomes, args.select)),
        ("results.csv", table::csv(outcomes)),
        ("results.json", json),
    ];
    files.iter().try_for_each(|(name, text)| deliver(text, Some(&args.out.join(name))))
}

/// The collapse in one picture.
fn picture(args: &Args, cells: &[Cell], table: Option<&Table>, quiet: bool) -> Result<(), Error> {
    let own = cells.iter().filter(|cell| cell.benchmark == "collapse" && cell.is_searched());
    let runs: Vec<Run> =
        own.map(|cell| Run::read(&cell.search(), Some(&cell.method), table)).collect::<Result<_, _>>()?;
    if runs.is_empty() {
        return Ok(());
    }
    deliver(&compare::page(&runs), Some(&args.out.join("collapse.html")))?;
    let path = args.out.join("collapse.svg");
    deliver(&(compare::standalone(&runs) + "\n"), Some(&path))?;
    say(quiet, &format!("picture: {}", path.display()));
    Ok(())
}
