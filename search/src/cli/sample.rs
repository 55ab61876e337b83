//! `noisydarts-search sample`.

use std::path::PathBuf;

use models::spaces::{self, skeleton};

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
    let size = skeleton::Skeleton { channels: 2, cells: 3, auxiliary: false, ..skeleton::Skeleton::cifar(2) };
    let supernet = space.supernet(&size, spaces::SpaceOptions::default())?;
    let mut draws = Seed(args.seed).stream(Purpose::Genotype, 0);
    // Deriving from independent uniform weights picks predecessors and operations uniformly.
    let mut uniform = |_: &String| (draws.next_u64() >> 11) as f64;
    let weights: Vec<Vec<Vec<f64>>> = supernet
        .tables
        .iter()
        .map(|table| table.rows.iter().map(|row| row.ops.iter().map(&mut uniform).collect()).collect())
        .collect();
    let text = space.derive(&supernet.tables, &weights).to_json();
    deliver(&text, args.out.as_deref())?;
    Ok(Ended::Done)
}
