//! `noisydarts-search sample`.

use std::path::PathBuf;

use models::spaces::{self, skeleton};

use crate::finder;
use crate::random::{Purpose, Seed};

use super::common::deliver;
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Search space (see `spaces`).
    #[arg(long, default_value = "darts")]
    space: String,
    /// Which genotype.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// File to write; printed without it.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn sample(args: &Args) -> Done {
    let space = spaces::by_name(&args.space)?;
    let size = space.published(skeleton::Stem::Cifar);
    let tables = space.tables(&size, spaces::SpaceOptions::default());
    let mut draws = Seed(args.seed).stream(Purpose::Genotype, 0);
    let text = finder::uniform(space, &tables, &mut || draws.unit()).to_json();
    deliver(&text, args.out.as_deref())?;
    Ok(Ended::Done)
}
