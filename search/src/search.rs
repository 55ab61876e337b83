//! The search: bilevel optimisation of weights and architecture parameters, first order.
//!
//! Per step (algorithms as DARTS): the architecture parameters on a validation batch with Adam, then the weights
//! on a training batch with SGD. Both passes run in training mode and update the running statistics.

use std::path::Path;

use models::genotype::Genotype;
use models::network::Network;
use models::spaces::{self, SearchSpace};
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::architecture::ArchitectureParameters;
use crate::checkpoint::{Checkpoint, Position, State};
use crate::config::Config;
use crate::data::{Batch, Images, Stream};
use crate::engine::{Fault, Job, descend};
use crate::error::Error;
use crate::evaluation::{Subject, evaluate};
use crate::meter::Meter;
use crate::methods::{self, Method, Pass, Progress};
use crate::net::{Layout, Mode, Net, Statistics, Weights, first_not_finite};
use crate::optim::{Sgd, SgdConfig, cosine};
use crate::passes;
use crate::random::{Purpose, Seed};
use crate::run_folder::RunFolder;
use crate::weights_file::{self, Description, NetworkSpec};

/// A search on its way.
pub struct Search<'a> {
    config: &'a Config,
    images: &'a Images,
    space: &'static dyn SearchSpace,
    method: Box<dyn Method>,
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
}

impl<'a> Search<'a> {
    /// Sets a search up: supernet, initial weights and architecture parameters, streams.
    ///
    /// # Errors
    /// When a setting is wrong or there are too few images.
    pub fn new(config: &'a Config, images: &'a Images, device: Device) -> Result<Self, Error> {
        let space = spaces::by_name(&config.space)?;
        let method = methods::by_name(&config.method, config)?;
        let skeleton = config.supernet_skeleton(images.classes.len(), &images.input);
        let net = Net::new(passes::share(&space.supernet(&skeleton, config.space_options())?));
        let seed = Seed(config.seed);
        let count = images.train.labels.len();
        let train_images = halves(config, count)?;
        let stream = |range, purposes| {
            Stream::new(images, range, config.search.batch, seed, purposes, config.search.augment, device)
        };
        Ok(Self {
            weights: Weights::initial(&net.layout, seed, device),
            statistics: Statistics::initial(&net.layout, device),
            architecture: ArchitectureParameters::initial(
                &net.network,
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
            net,
            train_images,
            device,
            seed,
            train_meter: Meter::default(),
            alpha_meter: Meter::default(),
        })
    }

    /// The genotype of the current architecture parameters.
    #[must_use]
    pub fn genotype(&self) -> Genotype {
        self.space.derive(&self.net.network, &self.architecture.mixing_weights(self.method.as_ref()))
    }

    /// The supernet.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.net.network
    }

    /// Loss and logits of a batch in a training pass.
    fn training_pass(&self, batch: &Batch, epoch: usize) -> (Tensor, Tensor) {
        let pass = self.pass(epoch);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let logits = self.net.logits(&self.weights, &self.statistics, &batch.images, mode);
        (logits.cross_entropy_for_logits(&batch.labels), logits)
    }

    fn pass(&self, epoch: usize) -> Pass<'_> {
        Pass::new(self.method.as_ref(), self.architecture.view(), Progress { epoch })
    }

    fn alpha_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.valid.endless(global);
        self.seed.seed_torch(Purpose::AlphaStep, global);
        let (loss, logits) = self.training_pass(&batch, at.epoch);
        let value = loss.double_value(&[]);
        self.check(value, "the validation loss", at.epoch, (Purpose::AlphaStep, global), &batch)?;
        let gradient = self.architecture.gradient(&loss);
        if !gradient.norm().double_value(&[]).is_finite() {
            return Err(Fault { what: "the gradient of alpha", node: "an architecture parameter".into() });
        }
        self.architecture.step(gradient);
        self.alpha_meter.add(value, &logits.detach(), &batch.labels);
        Ok(())
    }

    fn weight_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.train.batch(at.epoch, at.step);
        self.seed.seed_torch(Purpose::WeightStep, global);
        let (loss, logits) = self.training_pass(&batch, at.epoch);
        let value = loss.double_value(&[]);
        self.check(value, "the training loss", at.epoch, (Purpose::WeightStep, global), &batch)?;
        let search = &self.config.search;
        let rate = cosine(search.learning_rate, search.learning_rate_min, at.epoch, search.epochs);
        descend(&self.net.layout, &mut self.weights, &mut self.optimizer, &loss, search.clip, rate)?;
        self.train_meter.add(value, &logits.detach(), &batch.labels);
        Ok(())
    }

    /// Stops with the first node at fault when the loss is not finite: the pass is run again with the same
    /// random draws, and looked into.
    fn check(
        &self,
        loss: f64,
        what: &'static str,
        epoch: usize,
        draws: (Purpose, u64),
        batch: &Batch,
    ) -> Result<(), Fault> {
        if loss.is_finite() {
            return Ok(());
        }
        self.seed.seed_torch(draws.0, draws.1);
        let pass = self.pass(epoch);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let node = first_not_finite(&self.net, &self.weights, &self.statistics, &batch.images, mode);
        Err(Fault { what, node: node.unwrap_or_else(|| "the loss itself".into()) })
    }

    fn validate(&self, epoch: usize) -> Meter {
        let pass = self.pass(epoch);
        let mode = Mode { mixing: Some(&pass), ..Mode::EVALUATE };
        let subject = Subject {
            net: &self.net,
            weights: &self.weights,
            statistics: &self.statistics,
            mode,
            device: self.device,
        };
        evaluate(
            subject,
            &self.images.train,
            &self.images.input,
            self.train_images..self.images.train.labels.len(),
        )
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
        let mut line = self.architecture.to_json(&self.net.network, self.method.as_ref());
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
    SgdConfig { momentum: config.search.momentum, weight_decay: config.search.weight_decay, nesterov: false }
}

impl Job for Search<'_> {
    fn name(&self) -> &'static str {
        "search"
    }

    fn epochs(&self) -> usize {
        self.config.search.epochs
    }

    fn steps(&self) -> usize {
        self.train.steps()
    }

    fn step(&mut self, at: Position) -> Result<(), Fault> {
        let global = (at.epoch * self.steps() + at.step) as u64;
        if at.epoch >= self.config.search.alpha_start {
            self.alpha_step(at, global)?;
        }
        self.weight_step(at, global)
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
        let valid = self.validate(epoch);
        let genotype = self.genotype();
        self.record_architecture(folder, Position { epoch: epoch + 1, step: 0 })?;
        folder.write("genotype.json", genotype.to_json().as_bytes())?;
        let train = std::mem::take(&mut self.train_meter);
        let alpha = std::mem::take(&mut self.alpha_meter);
        Ok(json!({
            "train_loss": train.mean_loss(),
            "train_accuracy": train.accuracy(),
            "alpha_loss": alpha.mean_loss(),
            "valid_loss": valid.mean_loss(),
            "valid_accuracy": valid.accuracy(),
            "normal_skips": genotype.normal_skips(),
            "genotype": genotype.to_string(),
        }))
    }

    fn layout(&self) -> &Layout {
        &self.net.layout
    }

    fn state(&self) -> State {
        let named = |name: &str, tensor: &Tensor| (name.to_string(), tensor.shallow_clone());
        let mut state = vec![
            named("weights", &self.weights.flat),
            named("statistics", &self.statistics.flat),
            named("train_meter", &self.train_meter.to_tensor()),
            named("alpha_meter", &self.alpha_meter.to_tensor()),
        ];
        state.extend(self.optimizer.momentum.iter().map(|momentum| named("momentum", momentum)));
        state.extend(self.architecture.state());
        state
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        (self.weights, self.statistics) = checkpoint.network(&self.net.layout, self.device)?;
        self.optimizer.momentum = checkpoint.get("momentum").map(|momentum| momentum.to_device(self.device));
        self.train_meter = Meter::from_tensor(&checkpoint.take("train_meter", &[3])?);
        self.alpha_meter = Meter::from_tensor(&checkpoint.take("alpha_meter", &[3])?);
        self.architecture.restore(checkpoint)
    }
}
