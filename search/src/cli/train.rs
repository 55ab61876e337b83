//! `noisydarts-search train`.

use std::path::{Path, PathBuf};

use models::genotype::{self, Genotype};
use tch::Device;

use crate::checkpoint::Position;
use crate::config::Config;
use crate::data::Images;
use crate::device;
use crate::engine::{Job, Outcome};
use crate::error::Error;
use crate::report;
use crate::retrain::Retrain;
use crate::run_folder::{Kind, RunFolder};
use crate::weights_file::{self, Description, WeightsFile};

use super::common::{Place, Settings, Start, drive, say};
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// A genotype file, or zoo:NAME.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    genotype: Option<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    place: Place,
    /// Start from these weights where names and shapes agree.
    #[arg(long, value_name = "WEIGHTS", conflicts_with = "resume")]
    init: Option<PathBuf>,
}

pub(super) fn train(args: &Args, quiet: bool) -> Done {
    let device = device::by_name(&args.place.device)?;
    let name = |config: &Config| format!("train-{}", config.seed);
    let asked = args.genotype.as_deref().map(load_genotype).transpose()?;
    let settings = || args.settings.resolve(&[("space", asked.as_ref().and_then(own_space))]);
    let start = args.place.start(Kind::Training, settings, name)?;
    let root = start.root.clone();
    let Some(description) = train_in(start, asked, args.init.as_deref(), device, quiet)? else {
        say(quiet, &format!("interrupted; go on with: noisydarts-search train --resume {}", root.display()));
        return Ok(Ended::Interrupted);
    };
    let accuracy = description.accuracy.map_or(serde_json::Value::Null, |accuracy| serde_json::json!(accuracy));
    put_line!(
        "{}",
        serde_json::json!({
            "weights": root.join("weights.safetensors"),
            "report": root.join("report.html"),
            "accuracy": accuracy,
        })
    );
    Ok(Ended::Done)
}

/// Trains to the end and writes the results into the run folder; gives nothing when it was interrupted. A folder to go on
/// in has its own genotype.
pub(super) fn train_in(
    start: Start,
    genotype: Option<Genotype>,
    init: Option<&Path>,
    device: Device,
    quiet: bool,
) -> Result<Option<Description>, Error> {
    let Start { config, root, folder } = start;
    let genotype = match (&folder, genotype) {
        (None, Some(genotype)) => genotype,
        _ => genotype::read(&root.join("genotype.json"))?,
    };
    let text = genotype.to_json();
    let images = Images::load(&config)?;
    let mut job = Retrain::new(&config, &images, genotype, device)?;
    if let Some(path) = init {
        initialise(&mut job, path, quiet)?;
    }
    let folder = folder.map_or_else(|| create(&root, &config, &text, &job, init.is_some()), Ok)?;
    describe(&job, &config, &images, quiet);
    if drive(&mut job, &folder, &config, quiet)? == Outcome::Interrupted {
        return Ok(None);
    }
    finish(&job, &config, &folder).map(Some)
}

/// The folder of a new run. Weights that it starts from become its first checkpoint, so that resuming needs no other file.
fn create(
    root: &Path,
    config: &Config,
    genotype: &str,
    job: &Retrain<'_>,
    initialised: bool,
) -> Result<RunFolder, Error> {
    let files = [("genotype.json", genotype.as_bytes())];
    let folder = RunFolder::create(root, config, &files)?;
    if initialised {
        folder.checkpoints.save(Position::default(), &job.state())?;
    }
    Ok(folder)
}

/// The space whose presets a genotype is trained with, where its networks are built by one space alone; the cells of
/// the DARTS family leave it to the settings.
pub(super) fn own_space(genotype: &Genotype) -> Option<&'static str> {
    let space = models::spaces::of(genotype);
    (!space.has_auxiliary()).then(|| space.name())
}

/// A genotype from a file or from the zoo.
pub(super) fn load_genotype(name: &str) -> Result<Genotype, Error> {
    Ok(models::zoo::open(name)?.definition.cells(name)?)
}

fn initialise(job: &mut Retrain<'_>, path: &Path, quiet: bool) -> Result<(), Error> {
    let file = WeightsFile::read(path)?;
    let missing = job.initialise(&file);
    let total = job.net.layout.weights.len() + job.net.layout.statistics.len();
    if missing.len() == total {
        let problem = "none of its tensors fits this network".into();
        return Err(Error::Broken { what: "weights", path: path.into(), problem });
    }
    if !missing.is_empty() {
        let first: Vec<&str> = missing.iter().take(3).map(String::as_str).collect();
        say(quiet, &format!("{} of {total} tensors start anew: {}, ...", missing.len(), first.join(", ")));
    }
    Ok(())
}

fn describe(job: &Retrain<'_>, config: &Config, images: &Images, quiet: bool) {
    let text = format!(
        "training on {} ({} images, {}x{}): {} weights, {} epochs of {} steps, {} threads",
        images.source,
        images.train.labels.len(),
        images.input.size[0],
        images.input.size[1],
        job.net.layout.weight_count(),
        job.epochs(),
        job.steps(),
        config.threads,
    );
    say(quiet, &text);
}

fn finish(job: &Retrain<'_>, config: &Config, folder: &RunFolder) -> Result<Description, Error> {
    let description = job.description();
    let path = folder.path("weights.safetensors");
    let (weights, statistics) = job.result();
    weights_file::write(&path, &job.net.layout, &weights, &statistics, &description)?;
    folder.write("report.html", report::training(folder, config, &job.net.network)?.as_bytes())?;
    Ok(description)
}
