//! The supernets of a search: one for most methods, several of shrinking choice for P-DARTS.

use models::network::Table;
use models::spaces::skeleton::Skeleton;
use models::spaces::{SearchSpace, SpaceOptions};
use tch::Tensor;

use super::Search;
use crate::architecture::ArchitectureParameters;
use crate::checkpoint::{Checkpoint, State};
use crate::config::Config;
use crate::cost::ExpectedCost;
use crate::engine::Fault;
use crate::error::Error;
use crate::methods::{Method, Stage, View};
use crate::net::{Net, Shortcuts, Statistics, Weights};

/// The name of the checkpoint's part that holds the stage: cells, then a 1 or 0 per operation of the space.
const STATE: &str = "stage";

/// The supernet that a search begins with.
pub(super) fn first(
    space: &'static dyn SearchSpace,
    method: &dyn Method,
    skeleton: &Skeleton,
    options: SpaceOptions,
) -> Stage {
    let whole = Stage { cells: skeleton.cells, tables: space.tables(skeleton, options) };
    let view = View { space, tables: &whole.tables, alphas: &[], extras: &[] };
    method.restart(0, &whole, &view).unwrap_or(whole)
}

/// The prepared supernet of a stage, with the graph passes.
pub(super) fn supernet(
    space: &'static dyn SearchSpace,
    method: &dyn Method,
    skeleton: &Skeleton,
    stage: &Stage,
    shortcuts: Shortcuts,
) -> Result<Net, Error> {
    let skeleton = Skeleton { cells: stage.cells, ..*skeleton };
    let supernet = method.prepare(space.supernet_of(&skeleton, &stage.tables)?)?;
    Ok(Net::with(supernet, shortcuts))
}

impl Search<'_> {
    /// Begins the stage that the method begins in this epoch, where it does.
    pub(super) fn restart(&mut self, epoch: usize) -> Result<(), Fault> {
        if epoch == 0 {
            return Ok(());
        }
        let Some(stage) = self.method.restart(epoch, &self.stage, &self.view()) else { return Ok(()) };
        self.enter(stage).map_err(|error| Fault { what: "the next stage", node: error.to_string() })
    }

    /// Replaces the supernet; everything that is trained starts anew.
    pub(super) fn enter(&mut self, stage: Stage) -> Result<(), Error> {
        let skeleton = self.config.supernet_skeleton(self.images.classes.len(), &self.images.input);
        self.net = supernet(self.space, self.method.as_ref(), &skeleton, &stage, self.config.shortcuts)?;
        self.weights = Weights::initial(&self.net.layout, self.seed, self.device);
        self.statistics = Statistics::initial(&self.net.layout, self.device);
        self.cost = ExpectedCost::new(&self.config.cost, &self.net.network)?;
        let tables = &self.net.network.tables;
        let settings = &self.config.search;
        self.architecture =
            ArchitectureParameters::initial(tables, self.method.as_ref(), settings, self.seed, self.device);
        self.optimizer.momentum = None;
        self.stage = stage;
        Ok(())
    }
}

fn whole_tables(space: &dyn SearchSpace, config: &Config) -> Vec<Table> {
    let input = models::input::InputSpec::new([32, 32], [0.0; 3], [1.0; 3]);
    space.tables(&config.supernet_skeleton(2, &input), config.space_options())
}

/// What a checkpoint says of the stage.
pub(super) fn state(stage: &Stage, space: &dyn SearchSpace, config: &Config) -> State {
    let whole = whole_tables(space, config);
    if stage.tables == whole && stage.cells == config.search.cells {
        return State::new();
    }
    let rows =
        whole.iter().flat_map(|table| &table.rows).zip(stage.tables.iter().flat_map(|table| &table.rows));
    let kept = rows.flat_map(|(whole, kept)| whole.ops.iter().map(|op| i64::from(kept.ops.contains(op))));
    let numbers: Vec<i64> = std::iter::once(stage.cells as i64).chain(kept).collect();
    vec![(STATE.into(), Tensor::from_slice(&numbers))]
}

/// The stage that a checkpoint was written in, where it is not the first.
pub(super) fn restored(checkpoint: &Checkpoint, space: &dyn SearchSpace, config: &Config) -> Option<Stage> {
    let numbers: Vec<i64> = Vec::try_from(&checkpoint.get(STATE)?).ok()?;
    let (&cells, kept) = numbers.split_first()?;
    let mut tables = whole_tables(space, config);
    let mut kept = kept.iter();
    for row in tables.iter_mut().flat_map(|table| &mut table.rows) {
        row.ops.retain(|_| kept.next() == Some(&1));
    }
    Some(Stage { cells: cells as usize, tables })
}
