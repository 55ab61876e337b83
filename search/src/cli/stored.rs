//! A search as its last checkpoint has it, for diagnostics.

use std::path::Path;

use tch::Device;

use crate::checkpoint::{Checkpoint, Checkpoints, Position};
use crate::config::Config;
use crate::data::Images;
use crate::device;
use crate::engine::Job as _;
use crate::error::Error;
use crate::run_folder::{Kind, RunFolder};
use crate::search::Search;

/// What a run folder says of its search, finished or not. The folder is read alone: the search may go on meanwhile.
pub(super) struct Stored {
    pub(super) config: Config,
    images: Images,
    checkpoint: Checkpoint,
}

impl Stored {
    pub(super) fn read(root: &Path) -> Result<Self, Error> {
        let config = RunFolder::settings(root)?;
        let problem = |problem: &str| Error::RunFolder { path: root.into(), problem: problem.into() };
        if Kind::of(root) == Kind::Training {
            return Err(problem("it holds a training; only a search has architecture parameters"));
        }
        let last = Checkpoints::new(root.join("checkpoint"))?.load_last()?;
        let checkpoint = last.ok_or_else(|| problem("its search has no checkpoint yet: nothing is trained"))?;
        device::use_threads(config.threads);
        let images = Images::load(&config)?;
        Ok(Self { config, images, checkpoint })
    }

    pub(super) fn search(&self, device: Device) -> Result<Search<'_>, Error> {
        let mut search = Search::new(&self.config, &self.images, device)?;
        search.restore(&self.checkpoint)?;
        Ok(search)
    }

    pub(super) const fn position(&self) -> Position {
        self.checkpoint.position
    }

    /// The epoch that the checkpoint was written in, or after.
    pub(super) const fn epoch(&self) -> usize {
        let Position { epoch, step } = self.checkpoint.position;
        if step == 0 { epoch.saturating_sub(1) } else { epoch }
    }

    /// Which search this is, and where it stands: `nb201 with darts, seed 1, after 2 epochs`.
    pub(super) fn name(&self) -> String {
        let Config { space, method, seed, .. } = &self.config;
        let Position { epoch, step } = self.checkpoint.position;
        let steps = if step == 0 { String::new() } else { format!(" and {step} steps") };
        let plural = if epoch == 1 { "" } else { "s" };
        format!("{space} with {method}, seed {seed}, after {epoch} epoch{plural}{steps}")
    }
}
