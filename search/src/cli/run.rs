//! `noisydarts-search run`.

use std::path::Path;

use models::genotype::Genotype;
use models::nb201::Architecture;
use models::nb201::table::Table;
use tch::Device;

use crate::checkpoint::Position;
use crate::config::Config;
use crate::data::Images;
use crate::device;
use crate::engine::{Job, Outcome};
use crate::error::Error;
use crate::report;
use crate::run_folder::{Kind, RunFolder};
use crate::search::Search;

use super::common::{Place, Settings, Start, drive, say};
use super::{Done, Ended, nb201};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    place: Place,
    /// Search space (see `spaces`).
    #[arg(long)]
    space: Option<String>,
    /// Search method (see `methods`).
    #[arg(long)]
    method: Option<String>,
    #[command(flatten)]
    table: nb201::Source,
}

pub(super) fn run(args: &Args, quiet: bool) -> Done {
    let device = device::by_name(&args.place.device)?;
    let table = args.table.open_named()?;
    let name = |config: &Config| format!("{}-{}-{}", config.space, config.method, config.seed);
    let start = args.place.start(Kind::Search, || settings(args), name)?;
    let root = start.root.clone();
    let Some(genotype) = search_in(start, device, quiet)? else {
        say(quiet, &format!("interrupted; go on with: noisydarts-search run --resume {}", root.display()));
        return Ok(Ended::Interrupted);
    };
    say(quiet, &format!("report: {}", root.join("report.html").display()));
    put_line!("{genotype}");
    if let (Some(table), Some(architecture)) = (table, genotype.nb201()) {
        print_accuracies(&table, architecture);
    }
    Ok(Ended::Done)
}

/// What the benchmark's own training of this cell reached.
fn print_accuracies(table: &Table, architecture: Architecture) {
    for (data, [valid, test]) in table.row(architecture).accuracies() {
        put_line!("{data:15} valid {valid:.2} %, test {test:.2} %");
    }
}

/// Searches to the end and writes the results into the run folder; gives nothing when it was interrupted.
pub(super) fn search_in(start: Start, device: Device, quiet: bool) -> Result<Option<Genotype>, Error> {
    let Start { config, root, folder } = start;
    let images = Images::load(&config)?;
    let mut search = Search::new(&config, &images, device)?;
    let folder = folder.map_or_else(|| create(&root, &config), Ok)?;
    describe(&search, &config, &images, quiet);
    if folder.checkpoints.is_empty()? {
        folder.write("alphas.jsonl", b"")?;
        search.record_architecture(&folder, Position::default())?;
    }
    if drive(&mut search, &folder, &config, quiet)? == Outcome::Interrupted {
        return Ok(None);
    }
    finish(&search, &config, &folder).map(Some)
}

/// The folder of a new run, a search's from its first moment.
fn create(root: &Path, config: &Config) -> Result<RunFolder, Error> {
    RunFolder::create(root, config, &[("alphas.jsonl", b"")])
}

/// The settings of a new run; wrong names are to fail before data is loaded.
fn settings(args: &Args) -> Result<Config, Error> {
    let flags = [("space", args.space.as_deref()), ("method", args.method.as_deref())];
    let config = args.settings.resolve(&flags)?;
    models::spaces::by_name(&config.space)?;
    crate::methods::by_name(&config.method, &config)?;
    Ok(config)
}

fn describe(search: &Search<'_>, config: &Config, images: &Images, quiet: bool) {
    let text = format!(
        "searching {} with {} on {} ({} training images, {}x{}): {} weights, {} epochs of {} steps, {} threads",
        config.space,
        config.method,
        images.source,
        images.train.labels.len(),
        images.input.size[0],
        images.input.size[1],
        search.net.layout.weight_count(),
        search.epochs(),
        search.steps(),
        config.threads,
    );
    say(quiet, &text);
}

fn finish(search: &Search<'_>, config: &Config, folder: &RunFolder) -> Result<Genotype, Error> {
    let genotype = search.result(folder)?;
    folder.write("genotype.json", genotype.to_json().as_bytes())?;
    search.write_weights(&folder.path("weights.safetensors"))?;
    folder.write("report.html", report::search(folder, config)?.as_bytes())?;
    let edges = genotype.normal.edges.len();
    let skips = genotype.normal_skips();
    if 2 * skips > edges {
        let text = format!(
            "warning: {skips} of the normal cell's {edges} edges are skip connections: the search has collapsed"
        );
        eprintln!("{text}");
    }
    Ok(genotype)
}
