//! `noisydarts-search derive`.

use std::path::PathBuf;

use models::genotype;

use crate::run_folder::RunFolder;

use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The folder of a search, finished or not.
    run: PathBuf,
    /// Print JSON instead of the Python text of the DARTS family.
    #[arg(long)]
    json: bool,
}

pub(super) fn derive(args: &Args) -> Done {
    let (folder, _) = RunFolder::open(&args.run)?;
    let genotype = genotype::read(&folder.path("genotype.json"))?;
    if args.json {
        print!("{}", genotype.to_json());
    } else {
        println!("{genotype}");
    }
    Ok(Ended::Done)
}
