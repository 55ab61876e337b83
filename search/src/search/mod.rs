//! The search: bilevel optimisation of weights and architecture parameters.
//!
//! Per step (as DARTS): the architecture parameters on a validation batch with Adam, then the weights on a training batch
//! with SGD. Both passes run in training mode and update the running statistics. Settings turn the order round, take
//! second order, or train both on one batch; methods change the rest by their hooks.

mod course;
mod curvature;
mod landscape;
mod second_order;
mod stages;
mod steps;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use models::genotype::Genotype;
use models::network::Network;
use models::spaces::{self, SearchSpace};
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::architecture::{self, ArchitectureParameters};
use crate::checkpoint::{Checkpoint, Position, State};
use crate::config::{Config, SearchConfig};
use crate::cost::ExpectedCost;
use crate::data::{Batch, Images, Stream, plain_batch};
use crate::engine::{Fault, Job};
use crate::error::Error;
use crate::figures::Waiting;
use crate::finder::Finder;
use crate::meter::Meter;
use crate::methods::{self, Method, Moment, Phase, Stage, Training, View};
use crate::net::profile::NodeProfile;
use crate::net::{Layout, Net, Statistics, Weights};
use crate::optim::{Sgd, SgdConfig};
use crate::random::{Purpose, Seed};
use crate::run_folder::RunFolder;
use crate::weights_file::{self, Description, NetworkSpec};
use course::Course;

/// A search on its way.
pub struct Search<'a> {
    config: &'a Config,
    images: &'a Images,
    space: &'static dyn SearchSpace,
    method: Arc<dyn Method>,
    stage: Stage,
    /// The supernet.
    pub net: Net,
    /// Its weights.
    pub weights: Weights,
    /// Its running statistics.
    pub statistics: Statistics,
    /// What is searched.
    pub architecture: ArchitectureParameters,
    optimizer: Sgd,
    train: Stream<'a>,
    valid: Stream<'a>,
    train_images: usize,
    device: Device,
    seed: Seed,
    train_meter: Meter,
    alpha_meter: Meter,
    waiting: Waiting<Phase>,
    course: Course,
    cost: Option<ExpectedCost>,
}

impl<'a> Search<'a> {
    /// Sets a search up: supernet, initial weights and architecture parameters, streams.
    ///
    /// # Errors
    /// When a setting is wrong, method and space do not fit each other, or there are too few images.
    pub fn new(config: &'a Config, images: &'a Images, device: Device) -> Result<Self, Error> {
        let space = spaces::by_name(&config.space)?;
        let method: Arc<dyn Method> = methods::by_name(&config.method, config)?.into();
        let skeleton = config.supernet_skeleton(images.classes.len(), &images.input);
        let seed = Seed(config.seed);
        let count = images.train.labels.len();
        let train_images = halves(config, count)?;
        let stream = |range, purposes| {
            Stream::new(images, range, config.search.batch, seed, purposes, config.search.augment, device)
        };
        let stage = stages::first(space, method.as_ref(), &skeleton, config.space_options());
        let net = stages::supernet(space, method.as_ref(), &skeleton, &stage, config.shortcuts)?;
        let cost = ExpectedCost::new(&config.cost, &net.network)?;
        Ok(Self {
            weights: Weights::initial(&net.layout, seed, device),
            statistics: Statistics::initial(&net.layout, device),
            architecture: ArchitectureParameters::initial(
                &net.network.tables,
                method.as_ref(),
                &config.search,
                seed,
                device,
            ),
            optimizer: Sgd::new(sgd_config(config)),
            train: stream(0..train_images, [Purpose::TrainOrder, Purpose::TrainAugment]),
            valid: stream(train_images..count, [Purpose::ValidOrder, Purpose::ValidAugment]),
            config,
            images,
            space,
            method,
            stage,
            net,
            train_images,
            device,
            seed,
            train_meter: Meter::default(),
            alpha_meter: Meter::default(),
            waiting: Waiting::new(device.is_cuda()),
            course: Course::default(),
            cost,
        })
    }

    /// Reads the numbers of a step one step late, as on a GPU; on the CPU nothing but a test asks for that.
    pub fn read_late(&mut self) {
        self.waiting = Waiting::new(true);
    }

    /// The genotype of the current architecture parameters.
    #[must_use]
    pub fn genotype(&self) -> Genotype {
        let view = self.view();
        let numbers = architecture::probabilities(self.method.as_ref(), &view, self.now());
        self.method.derive(&view, &numbers)
    }

    /// The result of the search: that of the epoch it stopped at, or what the method selects.
    ///
    /// # Errors
    /// When the folder's genotype cannot be read.
    pub fn result(&self, folder: &RunFolder) -> Result<Genotype, Error> {
        if self.course.stopped.is_some() {
            return Ok(models::genotype::read(&folder.path("genotype.json"))?);
        }
        Ok(self.method.select(&self.finder(&|number| self.valid_batch(number))))
    }

    /// The supernet.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.net.network
    }

    /// The architecture parameters as the method sees them.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        self.architecture.view(self.space, &self.net.network.tables)
    }

    /// Where the search stands in this epoch.
    #[must_use]
    pub const fn moment(&self, epoch: usize, phase: Phase) -> Moment {
        Moment { epoch, epochs: self.config.search.epochs, phase }
    }

    fn now(&self) -> Moment {
        self.moment(self.course.epoch, Phase::Evaluation)
    }

    /// The images that train the architecture, by index.
    fn valid_images(&self) -> Range<usize> {
        self.train_images..self.images.train.labels.len()
    }

    /// How many whole batches they are, at least one.
    fn valid_batches(&self) -> usize {
        (self.valid_images().len() / self.config.search.batch).max(1)
    }

    fn finder<'b>(&'b self, batch: &'b dyn Fn(usize) -> Batch) -> Finder<'b> {
        Finder {
            net: &self.net,
            weights: &self.weights,
            statistics: &self.statistics,
            method: self.method.as_ref(),
            view: self.view(),
            moment: self.now(),
            probabilities: architecture::probabilities(self.method.as_ref(), &self.view(), self.now()),
            seed: self.seed,
            batch,
            batches: self.valid_batches(),
        }
    }

    fn valid_batch(&self, number: usize) -> Batch {
        let images = self.valid_images();
        let start = images.start + number * self.config.search.batch;
        let end = (start + self.config.search.batch).min(images.end);
        plain_batch(&self.images.train, &self.images.input, start..end, self.device)
    }

    /// Writes the supernet's weights, for diagnostics and for going on from.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_weights(&self, path: &Path) -> Result<(), Error> {
        let skeleton = self.config.supernet_skeleton(self.images.classes.len(), &self.images.input);
        let description = Description {
            genotype: self.genotype(),
            network: NetworkSpec::of(self.space.name(), &skeleton),
            input: self.images.input.clone(),
            classes: self.images.classes.clone(),
            accuracy: None,
        };
        weights_file::write(path, &self.net.layout, &self.weights, &self.statistics, &description)
    }

    /// Appends the current architecture to `alphas.jsonl`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn record_architecture(&self, folder: &RunFolder, at: Position) -> Result<(), Error> {
        let mut line = architecture::to_json(self.method.as_ref(), &self.view(), self.now());
        line["epoch"] = json!(at.epoch);
        line["step"] = json!(at.step);
        line["steps"] = json!(self.steps());
        folder.append("alphas.jsonl", &line)
    }
}

/// How many of the training images train the weights; the rest trains the architecture.
fn halves(config: &Config, count: usize) -> Result<usize, Error> {
    let train = (count as f64 * (1.0 - config.data.valid_portion)).floor() as usize;
    let batch = config.search.batch;
    if train < batch || count - train < batch {
        let problem = format!(
            "{count} training images split into {train} and {} are fewer than search.batch = {batch} in a part",
            count - train
        );
        return Err(Error::TooFewImages { source_name: config.data.source.clone(), problem });
    }
    Ok(train)
}

fn sgd_config(config: &Config) -> SgdConfig {
    let SearchConfig { momentum, weight_decay, nesterov, .. } = config.search;
    SgdConfig { momentum, weight_decay, nesterov }
}

impl Job for Search<'_> {
    fn name(&self) -> &'static str {
        "search"
    }

    fn epochs(&self) -> usize {
        let planned = if self.method.trains() == Training::Nothing { 0 } else { self.config.search.epochs };
        self.course.stopped.unwrap_or(planned)
    }

    fn steps(&self) -> usize {
        self.train.steps()
    }

    fn step(&mut self, at: Position) -> Result<(), Fault> {
        self.course.epoch = at.epoch;
        let share = self.method.cutout_share(self.moment(at.epoch, Phase::Weights));
        self.train.set_cutout_share(share);
        self.valid.set_cutout_share(share);
        if at.step == 0 {
            self.restart(at.epoch)?;
        }
        self.one_step(at)
    }

    fn settle(&mut self) -> Result<(), Fault> {
        self.waiting.rest().map_or(Ok(()), |(what, figures)| self.count(what, figures))
    }

    fn batches(&mut self, at: Position) -> Vec<Batch> {
        let global = self.global(at);
        vec![self.train.batch(at.epoch, at.step), self.valid.endless(global)]
    }

    fn meters(&self) -> Vec<Meter> {
        vec![self.train_meter, self.alpha_meter]
    }

    fn profile(&mut self, repetitions: usize) -> Vec<NodeProfile> {
        let batch = self.train.batch(0, 0);
        self.profile_on(&batch, repetitions)
    }

    fn status(&self) -> String {
        let (train, valid) = (&self.train_meter, &self.alpha_meter);
        format!("loss {:.3}, valid loss {:.3}", train.mean_loss(), valid.mean_loss())
    }

    fn report(&self, at: Position, folder: &RunFolder) -> Result<Value, Error> {
        self.record_architecture(folder, at)?;
        Ok(json!({
            "steps": self.steps(),
            "train_loss": self.train_meter.mean_loss(),
            "train_accuracy": self.train_meter.accuracy(),
            "alpha_loss": self.alpha_meter.mean_loss(),
            "normal_skips": self.genotype().normal_skips(),
        }))
    }

    fn finish_epoch(&mut self, epoch: usize, folder: &RunFolder) -> Result<Value, Error> {
        self.course.epoch = epoch;
        let valid = self.evaluate_view(&self.view(), self.valid_images());
        let genotype = self.genotype();
        self.record_architecture(folder, Position { epoch: epoch + 1, step: 0 })?;
        folder.write("genotype.json", genotype.to_json().as_bytes())?;
        let train = std::mem::take(&mut self.train_meter);
        let alpha = std::mem::take(&mut self.alpha_meter);
        let mut line = json!({
            "train_loss": train.mean_loss(),
            "train_accuracy": train.accuracy(),
            "alpha_loss": alpha.mean_loss(),
            "valid_loss": valid.mean_loss(),
            "valid_accuracy": valid.accuracy(),
            "normal_skips": genotype.normal_skips(),
            "genotype": genotype.to_string(),
        });
        if let Some(cost) = &self.cost {
            line["expected_cost"] = json!(cost.number(self.method.as_ref(), &self.view(), self.now()));
        }
        self.review(epoch, &mut line, folder)?;
        Ok(line)
    }

    fn moved_to(&mut self) -> Option<Position> {
        self.course.moved_to.take()
    }

    fn layout(&self) -> &Layout {
        &self.net.layout
    }

    fn state(&self) -> State {
        let mut state = self.own_state();
        state.extend(self.course.state());
        state.extend(stages::state(&self.stage, self.space, self.config));
        state
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.course = Course::restored(checkpoint);
        if let Some(stage) = stages::restored(checkpoint, self.space, self.config) {
            self.enter(stage)?;
        }
        self.restore_own(checkpoint)
    }
}

impl Search<'_> {
    /// Weights, architecture and what else a step changes.
    fn own_state(&self) -> State {
        let named = |name: &str, tensor: &Tensor| (name.to_string(), tensor.shallow_clone());
        let mut state = vec![
            named("weights", &self.weights.flat),
            named("statistics", &self.statistics.flat),
            named("train_meter", &self.train_meter.to_tensor()),
            named("alpha_meter", &self.alpha_meter.to_tensor()),
            named("weight_decay", &Tensor::from_slice(&[self.optimizer.config.weight_decay])),
        ];
        state.extend(self.optimizer.momentum.iter().map(|momentum| named("momentum", momentum)));
        state.extend(self.architecture.state());
        state
    }

    fn restore_own(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        (self.weights, self.statistics) = checkpoint.network(&self.net.layout, self.device)?;
        self.optimizer.config.weight_decay = checkpoint.take("weight_decay", &[1])?.double_value(&[0]);
        self.optimizer.momentum = checkpoint.get("momentum").map(|momentum| momentum.to_device(self.device));
        self.train_meter = Meter::from_tensor(&checkpoint.take("train_meter", &[3])?);
        self.alpha_meter = Meter::from_tensor(&checkpoint.take("alpha_meter", &[3])?);
        self.architecture.restore(checkpoint)
    }
}
