//! `noisydarts-search derive`.

use std::path::PathBuf;

use models::genotype;

use crate::error::Error;
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
    RunFolder::settings(&args.run)?;
    let path = args.run.join("genotype.json");
    if !path.exists() {
        let problem = "no epoch of its search is finished yet".into();
        return Err(Error::RunFolder { path: args.run.clone(), problem });
    }
    let genotype = genotype::read(&path)?;
    if args.json {
        put!("{}", genotype.to_json());
    } else {
        put_line!("{genotype}");
    }
    Ok(Ended::Done)
}
