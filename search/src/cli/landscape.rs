//! `noisydarts-search landscape`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use models::files::write_atomic;

use crate::device;
use crate::diagnostics::landscape::{Landscape, Normalise, Plan, Plane, Point, Span, places};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::report::{self, landscape as pictures};
use crate::run_folder::{Kind, RunFolder, try_lock};
use crate::search::Search;
use crate::tensor_file::Metadata;

use super::common::say;
use super::stored::Stored;
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The folder of a search, finished or not.
    run: PathBuf,
    /// Points along each direction; an odd number has the alphas themselves in the middle.
    #[arg(long, default_value_t = 21, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1001))]
    points: u16,
    /// How far to go to both sides, in lengths of a direction.
    #[arg(long, default_value_t = 1.0)]
    range: f64,
    /// What spans the plane.
    #[arg(long, value_enum, default_value_t = Span::Gradient)]
    directions: Span,
    /// How long the directions are.
    #[arg(long, value_enum, default_value_t = Normalise::None)]
    normalise: Normalise,
    /// Validation images per point; 0 for all.
    #[arg(long, default_value_t = 0, value_name = "N")]
    images: usize,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: String,
    /// Folder for table and pictures; an interrupted landscape in it goes on. By default `landscape` in the run's folder,
    /// which the run's report shows.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn landscape(args: &Args, quiet: bool) -> Done {
    if !(args.range.is_finite() && args.range > 0.0) {
        let found = args.range.to_string();
        return Err(Error::Setting { key: "--range", found, expected: "a number above 0" });
    }
    let device = device::by_name(&args.device)?;
    let stored = Stored::read(&args.run)?;
    let search = stored.search(device)?;
    let own = args.run.join(pictures::FOLDER);
    let out = args.out.as_ref().unwrap_or(&own);
    let folder = Folder::open(out)?;
    let plan = folder.plan(args, &stored, &search)?;
    let name = stored.name();
    say(quiet, &format!("{name}: {0} x {0} points", args.points));
    let Some(landscape) = folder.fill(args, &search, &plan.plane, quiet)? else {
        say(quiet, "interrupted; the same command goes on with it");
        return Ok(Ended::Interrupted);
    };
    for (name, svg) in pictures::files(&landscape, &plan) {
        write(&out.join(name), &svg)?;
    }
    if *out == own {
        show_in_report(&args.run, quiet)?;
    }
    put_line!("{}", out.join(pictures::TABLE).display());
    Ok(Ended::Done)
}

/// Writes the report of a finished search anew; one that goes on will write its own.
fn show_in_report(root: &Path, quiet: bool) -> Result<(), Error> {
    let report = root.join("report.html");
    if !report.exists() {
        return Ok(());
    }
    let (folder, config) = RunFolder::open(root, Kind::Search)?;
    folder.write("report.html", report::search(&folder, &config)?.as_bytes())?;
    say(quiet, &format!("report: {}", report.display()));
    Ok(())
}

/// What a landscape and its plan depend on, but for the alphas.
fn settings(args: &Args, stored: &Stored) -> Metadata {
    let pairs = [
        ("search", stored.name()),
        ("points", args.points.to_string()),
        ("range", args.range.to_string()),
        ("directions", text(args.directions)),
        ("normalise", text(args.normalise)),
        ("images", args.images.to_string()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// The value as it is given on the command line.
fn text(value: impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

/// The folder of a landscape.
struct Folder<'a> {
    root: &'a Path,
    /// Locked as long as this process is at work in it.
    _lock: File,
}

impl<'a> Folder<'a> {
    fn open(root: &'a Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(|source| Error::io("create", root, source))?;
        let busy = "another process is at work in it; wait for that, or choose another --out";
        let lock =
            try_lock(root)?.ok_or_else(|| Error::RunFolder { path: root.into(), problem: busy.into() })?;
        Ok(Self { root, _lock: lock })
    }

    /// The plan that is there, or a new one.
    fn plan(&self, args: &Args, stored: &Stored, search: &Search<'_>) -> Result<Plan, Error> {
        let path = self.root.join(pictures::PLAN);
        let settings = settings(args, stored);
        if path.exists() {
            let plan = Plan::read(&path)?;
            plan.check(&settings, &search.alphas(), &path)?;
            return Ok(plan);
        }
        let plane = search.plane(args.directions, args.normalise, args.images)?;
        let plan = Plan { settings, plane };
        plan.write(&path)?;
        Ok(plan)
    }

    /// Computes the rows that are missing; gives nothing when it was interrupted.
    fn fill(
        &self,
        args: &Args,
        search: &Search<'_>,
        plane: &Plane,
        quiet: bool,
    ) -> Result<Option<Landscape>, Error> {
        let places = places(args.points.into(), args.range);
        let path = self.root.join(pictures::TABLE);
        let mut landscape = Landscape::read(&path, &places)?;
        let interrupt = Interrupt::watch();
        let bar = progress(places.len().pow(2), landscape.points.len(), quiet);
        for &y in places.iter().skip(landscape.points.len() / places.len()) {
            for &x in &places {
                if interrupt.is_set() {
                    bar.abandon_with_message("interrupted");
                    return Ok(None);
                }
                let meter = search.evaluate_at(&plane.at(x, y), args.images);
                landscape.points.push(Point { x, y, loss: meter.mean_loss(), accuracy: meter.accuracy() });
                bar.inc(1);
            }
            write(&path, &landscape.to_csv())?;
        }
        bar.finish();
        Ok(Some(landscape))
    }
}

fn progress(count: usize, done: usize, quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(count as u64), target);
    let template = "landscape {wide_bar} {pos}/{len} points, {per_sec}, ETA {eta} {msg}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(done as u64);
    bar.reset_eta();
    bar
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    write_atomic(path, text.as_bytes()).map_err(|source| Error::io("write", path, source))
}
