//! `noisydarts-search draw`.

use std::path::PathBuf;

use models::draw;

use crate::error::Error;

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
    match &args.out {
        None => println!("{svg}"),
        Some(path) => models::files::write_atomic(path, svg.as_bytes())
            .map_err(|source| Error::io("write", path, source))?,
    }
    Ok(Ended::Done)
}
