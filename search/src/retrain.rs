//! Retraining a genotype from scratch (or from given weights), as DARTS does: auxiliary head, drop-path ramp,
//! cosine schedule; optionally label smoothing and an exponential moving average of the weights.

use models::genotype::Genotype;
use models::spaces;
use models::spaces::skeleton::{Skeleton, Stem};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor, no_grad};

use crate::checkpoint::{Checkpoint, Position, State};
use crate::config::Config;
use crate::data::{Batch, Images, Stream};
use crate::engine::{Fault, Job, move_weights};
use crate::error::Error;
use crate::evaluation::evaluate;
use crate::figures::{Coming, Figures, Waiting};
use crate::meter::Meter;
use crate::net::profile::{NodeProfile, profile};
use crate::net::{Descent, Layout, Mode, Net, Statistics, Subject, Task, Weights, first_not_finite};
use crate::optim::{Sgd, SgdConfig, cosine};
use crate::random::{Purpose, Seed};
use crate::run_folder::RunFolder;
use crate::weights_file::{Accuracy, Description, NetworkSpec, WeightsFile};

/// A training on its way.
pub struct Retrain<'a> {
    config: &'a Config,
    images: &'a Images,
    genotype: Genotype,
    spec: NetworkSpec,
    /// The network with its training parts.
    pub net: Net,
    /// Its weights.
    pub weights: Weights,
    /// Its running statistics.
    pub statistics: Statistics,
    average: Option<[Tensor; 2]>,
    optimizer: Sgd,
    train: Stream<'a>,
    device: Device,
    seed: Seed,
    meter: Meter,
    waiting: Waiting<()>,
    test: Option<Meter>,
}

impl<'a> Retrain<'a> {
    /// Sets a training up.
    ///
    /// # Errors
    /// When a setting is wrong or there are too few images.
    pub fn new(
        config: &'a Config,
        images: &'a Images,
        genotype: Genotype,
        device: Device,
    ) -> Result<Self, Error> {
        let skeleton = config.retrain_skeleton(images.classes.len(), &images.input);
        let space = spaces::of(&genotype);
        check_auxiliary(config, &skeleton, space.has_auxiliary())?;
        let net = Net::with(space.derived(space.name(), &genotype, &skeleton)?, config.shortcuts);
        let seed = Seed(config.seed);
        let count = images.train.labels.len();
        if count < config.retrain.batch {
            let problem =
                format!("{count} training images are fewer than retrain.batch = {}", config.retrain.batch);
            return Err(Error::TooFewImages { source_name: images.source.clone(), problem });
        }
        let purposes = [Purpose::TrainOrder, Purpose::TrainAugment];
        let retrain = &config.retrain;
        let weights = Weights::initial(&net.layout, seed, device);
        let statistics = Statistics::initial(&net.layout, device);
        Ok(Self {
            average: (retrain.ema > 0.0).then(|| [weights.flat.copy(), statistics.flat.copy()]),
            weights,
            statistics,
            optimizer: Sgd::new(SgdConfig {
                momentum: retrain.momentum,
                weight_decay: retrain.weight_decay,
                nesterov: retrain.nesterov,
            }),
            train: Stream::new(images, 0..count, retrain.batch, seed, purposes, retrain.augment, device),
            spec: NetworkSpec::of(space.name(), &skeleton),
            config,
            images,
            genotype,
            net,
            device,
            seed,
            meter: Meter::default(),
            waiting: Waiting::new(device.is_cuda()),
            test: None,
        })
    }

    /// Starts from given weights where names and shapes agree; returns the names of the tensors that start anew.
    #[must_use]
    pub fn initialise(&mut self, file: &WeightsFile) -> Vec<String> {
        let missing = file.initialise(&self.net.layout, &self.weights, &self.statistics);
        if let Some(average) = &mut self.average {
            *average = [self.weights.flat.copy(), self.statistics.flat.copy()];
        }
        missing
    }

    /// The drop-path probability of an epoch: a linear ramp from 0.
    fn drop_path(&self, epoch: usize) -> f64 {
        self.config.retrain.drop_path * epoch as f64 / self.config.retrain.epochs as f64
    }

    /// The step's number among all.
    fn global(&self, at: Position) -> u64 {
        (at.epoch * self.train.steps() + at.step) as u64
    }

    fn mode(&self, epoch: usize) -> Mode<'static> {
        Mode { train: true, drop_path: self.drop_path(epoch), mixing: None }
    }

    /// Loss (with the auxiliary head's), logits and the gradient of the weights.
    fn descent(&self, batch: &Batch, epoch: usize) -> Descent {
        let wanted: Vec<usize> = self.net.network.outputs.iter().map(|output| output.node).collect();
        let loss = |outputs: &[Tensor]| {
            let loss = self.loss(&outputs[0], batch);
            match outputs.get(1) {
                Some(logits) => loss + self.loss(logits, batch) * self.config.retrain.auxiliary_weight,
                None => loss,
            }
        };
        let leaves = &self.weights.views;
        let task = Task { images: &batch.images, wanted: &wanted, loss: &loss, leaves, shared: false };
        self.subject(epoch).descent(&task, self.config.compute())
    }

    fn subject(&self, epoch: usize) -> Subject<'_> {
        let (net, weights, statistics) = (&self.net, &self.weights, &self.statistics);
        Subject { net, weights, statistics, mode: self.mode(epoch) }
    }

    fn loss(&self, logits: &Tensor, batch: &Batch) -> Tensor {
        let smoothing = self.config.retrain.label_smoothing;
        let logits = logits.to_kind(Kind::Float);
        logits.cross_entropy_loss(&batch.labels, None::<Tensor>, tch::Reduction::Mean, -100, smoothing)
    }

    fn update_average(&mut self) {
        let decay = self.config.retrain.ema;
        if let Some([weights, statistics]) = &mut self.average {
            let _ = weights.lerp_(&self.weights.flat, 1.0 - decay);
            let _ = statistics.lerp_(&self.statistics.flat, 1.0 - decay);
        }
    }

    /// The weights to evaluate and to ship: the moving average where there is one.
    #[must_use]
    pub fn result(&self) -> (Weights, Statistics) {
        let layout = &self.net.layout;
        let (weights, statistics) = match &self.average {
            Some([weights, statistics]) => (weights, statistics),
            None => (&self.weights.flat, &self.statistics.flat),
        };
        (Weights::from_flat(&layout.weights, weights), Statistics::from_flat(layout, statistics))
    }

    /// Loss and accuracy on the test images.
    #[must_use]
    pub fn test(&self) -> Meter {
        let (weights, statistics) = self.result();
        let (weights, statistics) = (&weights, &statistics);
        let subject = Subject { net: &self.net, weights, statistics, mode: Mode::EVALUATE };
        evaluate(subject, &self.images.test, &self.images.input, 0..self.images.test.labels.len())
    }

    /// What goes beside the weights; the accuracy is that of the last evaluation.
    #[must_use]
    pub fn description(&self) -> Description {
        let accuracy = self.test.map(|test| Accuracy {
            top1: test.accuracy(),
            correct: test.correct as u64,
            images: test.images as u64,
            data: format!("{}:test", self.images.source.split(':').next().unwrap_or_default()),
        });
        Description {
            genotype: self.genotype.clone(),
            network: self.spec.clone(),
            input: self.images.input.clone(),
            classes: self.images.classes.clone(),
            accuracy,
        }
    }

    /// Accounts for the numbers of a step: this one, or where the device is not waited for the one before.
    fn look(&mut self, figures: Figures, descent: &Descent, batch: &Batch, at: Position) -> Result<(), Fault> {
        if self.waiting.is_late() || figures.is_finite() {
            return self.count(figures);
        }
        if figures.loss.is_finite() {
            return Err(Fault::in_gradient(&self.net.layout, &descent.gradient));
        }
        Err(Fault { what: "the training loss", node: self.first_not_finite(batch, at) })
    }

    fn count(&mut self, figures: Figures) -> Result<(), Fault> {
        self.meter.count(figures);
        figures.late_fault("the training loss", "the gradient of the weights")
    }

    /// The first node whose value is not finite, found by running the pass again.
    fn first_not_finite(&self, batch: &Batch, at: Position) -> String {
        self.seed.seed_torch(Purpose::WeightStep, self.global(at));
        first_not_finite(&self.net, &self.weights, &self.statistics, &batch.images, self.mode(at.epoch))
            .unwrap_or_else(|| "the loss itself".into())
    }
}

/// Refuses an auxiliary head where the space has none, and on a feature map that is too small for it: a quarter or a 32nd of the picture must be left.
fn check_auxiliary(config: &Config, skeleton: &Skeleton, possible: bool) -> Result<(), Error> {
    let least = if skeleton.stem == Stem::Cifar { 32 } else { 193 };
    if !skeleton.auxiliary || (possible && skeleton.size.iter().all(|&side| side >= least)) {
        return Ok(());
    }
    let found = config.retrain.auxiliary_weight.to_string();
    let expected = if possible {
        "0 where pictures are smaller than 32x32 (cifar) or 193x193 (imagenet) pixels"
    } else {
        "0 in a space whose networks have no auxiliary head"
    };
    Err(Error::Setting { key: "retrain.auxiliary_weight", found, expected })
}

impl Job for Retrain<'_> {
    fn name(&self) -> &'static str {
        "train"
    }

    fn epochs(&self) -> usize {
        self.config.retrain.epochs
    }

    fn steps(&self) -> usize {
        self.train.steps()
    }

    fn step(&mut self, at: Position) -> Result<(), Fault> {
        let batch = self.train.batch(at.epoch, at.step);
        self.seed.seed_torch(Purpose::WeightStep, self.global(at));
        let descent = self.descent(&batch, at.epoch);
        if let Some(((), figures)) = self.waiting.turn((), Coming::of(&descent, &batch.labels)) {
            self.look(figures, &descent, &batch, at)?;
        }
        let retrain = &self.config.retrain;
        let rate = cosine(retrain.learning_rate, retrain.learning_rate_min, at.epoch, retrain.epochs);
        move_weights(&mut self.weights, &mut self.optimizer, descent.gradient, retrain.clip, rate);
        no_grad(|| self.update_average());
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Fault> {
        self.waiting.rest().map_or(Ok(()), |((), figures)| self.count(figures))
    }

    fn batches(&mut self, at: Position) -> Vec<Batch> {
        vec![self.train.batch(at.epoch, at.step)]
    }

    fn meters(&self) -> Vec<Meter> {
        vec![self.meter]
    }

    fn profile(&mut self, repetitions: usize) -> Vec<NodeProfile> {
        let batch = self.train.batch(0, 0);
        profile(self.subject(0), &[], &batch.images, repetitions)
    }

    fn status(&self) -> String {
        format!("loss {:.3}, accuracy {:.1} %", self.meter.mean_loss(), 100.0 * self.meter.accuracy())
    }

    fn report(&self, _: Position, _: &RunFolder) -> Result<Value, Error> {
        Ok(json!({
            "steps": self.steps(),
            "train_loss": self.meter.mean_loss(),
            "train_accuracy": self.meter.accuracy(),
        }))
    }

    fn finish_epoch(&mut self, epoch: usize, _: &RunFolder) -> Result<Value, Error> {
        let train = std::mem::take(&mut self.meter);
        let mut line = json!({ "train_loss": train.mean_loss(), "train_accuracy": train.accuracy() });
        let last = epoch + 1 == self.epochs();
        if last || (epoch + 1).is_multiple_of(self.config.retrain.evaluate_every) {
            let test = self.test();
            line["test_loss"] = json!(test.mean_loss());
            line["test_accuracy"] = json!(test.accuracy());
            self.test = Some(test);
        }
        Ok(line)
    }

    fn layout(&self) -> &Layout {
        &self.net.layout
    }

    fn state(&self) -> State {
        let named = |name: &str, tensor: &Tensor| (name.to_string(), tensor.shallow_clone());
        let mut state = vec![
            named("weights", &self.weights.flat),
            named("statistics", &self.statistics.flat),
            named("meter", &self.meter.to_tensor()),
        ];
        state.extend(self.optimizer.momentum.iter().map(|momentum| named("momentum", momentum)));
        state.extend(self.test.iter().map(|test| named("test_meter", &test.to_tensor())));
        if let Some([weights, statistics]) = &self.average {
            state.extend([named("average.weights", weights), named("average.statistics", statistics)]);
        }
        state
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let layout = &self.net.layout;
        let sizes = [[layout.weight_count()], [layout.statistic_count()]];
        let take =
            |name: &str, size: &[i64]| Ok::<_, Error>(checkpoint.take(name, size)?.to_device(self.device));
        if self.average.is_some() {
            self.average = Some([take("average.weights", &sizes[0])?, take("average.statistics", &sizes[1])?]);
        }
        (self.weights, self.statistics) = checkpoint.network(layout, self.device)?;
        self.optimizer.momentum = checkpoint.get("momentum").map(|momentum| momentum.to_device(self.device));
        self.meter = Meter::from_tensor(&checkpoint.take("meter", &[3])?);
        self.test = checkpoint.get("test_meter").map(|meter| Meter::from_tensor(&meter));
        Ok(())
    }
}
