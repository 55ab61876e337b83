//! Compares what `latency` has found earlier.

use std::{fs, io::Read as _, path::Path};

use super::{
    Args,
    ratios::{By, Comparison, Ratios},
    result::{Compared, How},
};
use crate::{
    commands::latency::{
        result::{Latencies, ModelLatency},
        shape_text,
    },
    error::{Error, Result},
    measure::bootstrap::{Ratio, typical},
};

/// As many runs count as one, by the fastest: as in a round of models that run in turn.
const TRIES: usize = 3;

/// Least number of runs in a file.
const LEAST: usize = 60;

/// Whether a file is JSON and no model.
pub(super) fn is_result(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
    read.is_ok() && start.trim_ascii_start().starts_with(b"{")
}

pub(super) fn compare(args: &Args) -> Result<Compared> {
    let Some(b) = &args.b else {
        return Err(bad(&args.a, "it takes two files of results, or two models".into()));
    };
    if !is_result(b) {
        return Err(bad(&args.a, format!("{} is none: give two models, or two files of results", b.display())));
    }
    let files = [(args.a.as_path(), Latencies::read(&args.a)?), (b.as_path(), Latencies::read(b)?)];
    let [(_, a), (_, b)] = &files;
    let by = args.by.unwrap_or_else(|| By::usual([a.threads, b.threads].into_iter()));
    let mut compared = Compared::new(How::Apart { differences: differences(a, b) }, by, args.max_regression);
    for rows in pairs(&files)? {
        let names = [0, 1].map(|at| name(files[at].0, rows[at]));
        let times = [samples(files[0].0, rows[0])?, samples(files[1].0, rows[1])?];
        let wall = ratios(&times, |times| Some(&times.wall));
        let wall = wall.ok_or_else(|| bad(files[0].0, "it holds no times".into()))?;
        let cpu = ratios(&times, |times| times.cpu.as_ref());
        compared.comparisons.push(Comparison::new(names, cpu, wall, by, args.max_regression)?);
    }
    compared.environments = files.into_iter().map(|(_, file)| file.environment).collect();
    Ok(compared)
}

fn bad(path: &Path, problem: String) -> Error {
    Error::Results { path: path.into(), problem }
}

fn name(path: &Path, row: &ModelLatency) -> String {
    format!("{} ({}, {})", row.model, shape_text(&row.input), path.display())
}

/// What makes two files hard to compare.
fn differences(a: &Latencies, b: &Latencies) -> Vec<String> {
    let mut found = a.environment.differences(&b.environment);
    if a.about_runtime != b.about_runtime {
        found.push(format!("{} and {}", a.about_runtime, b.about_runtime));
    }
    if a.threads != b.threads {
        found.push(format!("{} and {} threads", a.threads, b.threads));
    }
    found
}

/// The only rows, or those of the same model and input.
fn pairs<'a>([(path, a), (_, b)]: &'a [(&Path, Latencies); 2]) -> Result<Vec<[&'a ModelLatency; 2]>> {
    if let ([a], [b]) = (a.models.as_slice(), b.models.as_slice()) {
        return Ok(vec![[a, b]]);
    }
    let same = |a: &ModelLatency, b: &ModelLatency| a.model == b.model && a.input == b.input;
    let pairs = a.models.iter().filter_map(|a| Some([a, b.models.iter().find(|b| same(a, b))?]));
    let pairs: Vec<[&ModelLatency; 2]> = pairs.collect();
    if pairs.is_empty() {
        return Err(bad(path, "the files have no model and input in common".into()));
    }
    Ok(pairs)
}

/// Times of groups of runs.
struct Times {
    wall: Vec<f64>,
    cpu: Option<Vec<f64>>,
}

fn samples(path: &Path, row: &ModelLatency) -> Result<Times> {
    let Some(samples) = row.samples.as_ref() else {
        return Err(bad(path, "it keeps no single runs: measure without --minutes".into()));
    };
    let runs = samples.wall.len();
    if runs < LEAST {
        return Err(bad(
            path,
            format!("{runs} runs of {} are too few for an interval: at least {LEAST}", row.model),
        ));
    }
    let least = |times: &Vec<f64>| {
        times.chunks_exact(TRIES).map(|runs| runs.iter().copied().fold(f64::INFINITY, f64::min)).collect()
    };
    Ok(Times { wall: least(&samples.wall), cpu: samples.cpu.as_ref().map(least) })
}

fn ratios(times: &[Times; 2], clock: fn(&Times) -> Option<&Vec<f64>>) -> Option<Ratios> {
    let [a, b] = [clock(&times[0])?, clock(&times[1])?];
    let controls = [a, b].map(|times| {
        let (first, second) = times.split_at(times.len() / 2);
        Ratio::of_samples(first, second)
    });
    let control = if reach(&controls[0]) > reach(&controls[1]) { controls[0] } else { controls[1] };
    Some(Ratios {
        times: [a, b].map(|times| typical(times.iter().copied())),
        ratio: Ratio::of_samples(a, b),
        control,
    })
}

/// How far an interval goes from 1.
fn reach(Ratio { interval: [low, high], .. }: &Ratio) -> f64 {
    (1.0 - low).max(high - 1.0)
}
