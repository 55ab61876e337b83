//! `report`: results of several runs and devices on one page.

mod gather;
mod page;
mod tables;

use std::path::PathBuf;

use self::gather::Gathered;
use super::Verdict;
use crate::{cli::Context, error::Result, save::save};

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `cost`, `accuracy`, `latency`, `compare` and `parity` have printed with --format json, of any devices
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the page to this file: HTML that needs nothing else
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// Title of the page
    #[arg(long, default_value = "Models, measured")]
    title: String,
}

/// Merges the results, writes the page and prints its tables.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let gathered = Gathered::read(&args.files)?;
    let page = page::of(&args.title, &gathered);
    save(&args.out, page.as_bytes())?;
    context.talk.note(&format!("wrote {}", args.out.display()));
    context.print(&gathered)?;
    Ok(Verdict::Done)
}
