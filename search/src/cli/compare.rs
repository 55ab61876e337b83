//! `noisydarts-search compare`.

use std::path::PathBuf;

use crate::error::Error;
use crate::report::compare::{self, Run};

use super::common::deliver;
use super::{Done, Ended, nb201};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Folders of searches in one space, finished or not.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// What to call each run; those of the same label belong together. By default the method, with NoisyDARTS's sigma.
    #[arg(long, value_name = "A,B,..", value_delimiter = ',')]
    labels: Vec<String>,
    #[command(flatten)]
    table: nb201::Source,
    /// The page to write.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// The picture alone, for a README.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(super) fn compare(args: &Args) -> Done {
    check_labels(args)?;
    let table = args.table.open_named()?;
    let label = |at: usize| args.labels.get(at).map(String::as_str);
    let read = |(at, path): (usize, &PathBuf)| Run::read(path, label(at), table.as_ref());
    let runs = args.runs.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    for run in &runs {
        run.check_comparable(&runs[0])?;
    }
    deliver(&compare::page(&runs), Some(&args.out))?;
    if let Some(path) = &args.svg {
        deliver(&(compare::standalone(&runs) + "\n"), Some(path))?;
    }
    put!("{}", compare::summary(&runs));
    Ok(Ended::Done)
}

fn check_labels(args: &Args) -> Result<(), Error> {
    if args.labels.is_empty() || args.labels.len() == args.runs.len() {
        return Ok(());
    }
    Err(Error::SettingValue {
        origin: "a flag".into(),
        key: "--labels".into(),
        found: args.labels.join(","),
        problem: format!("expected one per run, {}", args.runs.len()),
    })
}
