//! `noisydarts-search draw`.

use std::path::PathBuf;

use models::draw;

use super::common::deliver;
use super::train::load_genotype;
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// A genotype file, or zoo:NAME.
    genotype: String,
    /// SVG file to write; printed without it.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn draw(args: &Args) -> Done {
    let svg = draw::genotype(&load_genotype(&args.genotype)?);
    deliver(&format!("{svg}\n"), args.out.as_deref())?;
    Ok(Ended::Done)
}
