//! The steps of a search: architecture, weights, or both at once.

use std::sync::Arc;

use tch::{Tensor, no_grad};

use super::{Search, second_order};
use crate::checkpoint::Position;
use crate::data::Batch;
use crate::engine::{Fault, descend, move_weights};
use crate::methods::{Pass, Phase, Training};
use crate::net::profile::{NodeProfile, profile};
use crate::net::{Mode, Statistics, Subject, Weights, first_not_finite, flat_gradient};
use crate::optim::cosine;
use crate::random::Purpose;

/// The place of a step among all steps, and what its random draws are for.
type Draws = (Purpose, u64);

impl Search<'_> {
    /// One step of the search: by default of the architecture, then of the weights.
    pub(super) fn one_step(&mut self, at: Position) -> Result<(), Fault> {
        let global = self.global(at);
        let search = &self.config.search;
        let [epoch, _] = self.method.cycle(at.epoch, search.epochs);
        let due = epoch >= search.alpha_start && global.is_multiple_of(search.alpha_every as u64);
        let searches = due && self.method.trains() == Training::Both;
        if search.single_level {
            return self.joint_step(at, global, searches);
        }
        let weights_first = search.weights_first;
        if searches && !weights_first {
            self.alpha_step(at, global)?;
        }
        self.weight_step(at, global)?;
        if searches && weights_first {
            self.alpha_step(at, global)?;
        }
        Ok(())
    }

    /// The step's number among all.
    pub(super) fn global(&self, at: Position) -> u64 {
        (at.epoch * self.train.steps() + at.step) as u64
    }

    /// Loss and logits of a batch in a pass with these weights; without `train` as in evaluation, without gradients of
    /// the statistics.
    pub(super) fn loss_with(
        &self,
        weights: &Weights,
        statistics: &Statistics,
        pass: &Pass<'_>,
        batch: &Batch,
        train: bool,
    ) -> (Tensor, Tensor) {
        let mode = Mode { train, drop_path: 0.0, mixing: Some(pass) };
        let logits = self.net.logits(weights, statistics, &batch.images, mode);
        (logits.cross_entropy_for_logits(&batch.labels), logits)
    }

    fn loss(&self, pass: &Pass<'_>, batch: &Batch) -> (Tensor, Tensor) {
        self.loss_with(&self.weights, &self.statistics, pass, batch, true)
    }

    /// What each node takes in a step of the weights.
    pub(super) fn profile_on(&self, batch: &Batch, repetitions: usize) -> Vec<NodeProfile> {
        let pass = self.weight_pass(self.method.as_ref(), 0, batch);
        let (net, weights, statistics) = (&self.net, &self.weights, &self.statistics);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let subject = Subject { net, weights, statistics, mode };
        profile(subject, &self.architecture.leaves(), &batch.images, repetitions)
    }

    fn alpha_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.valid.endless(global);
        let training = self.config.search.second_order.then(|| self.train.batch(at.epoch, at.step));
        let draws = (Purpose::AlphaStep, global);
        self.seed.seed_torch(draws.0, draws.1);
        let method = Arc::clone(&self.method);
        let pass = Pass::new(method.as_ref(), &self.view(), self.moment(at.epoch, Phase::Alphas));
        let (loss, logits, gradient) = match training {
            None => {
                let (loss, logits) = self.loss(&pass, &batch);
                let gradient = self.architecture.gradient(&self.penalised(&loss, at.epoch));
                (loss, logits, gradient)
            }
            Some(training) => self.second_order_step(&pass, [&training, &batch], at.epoch, global),
        };
        let value = loss.double_value(&[]);
        self.check(value, "the validation loss", &pass, draws, &batch)?;
        self.move_architecture(self.with_cost(gradient, value, at.epoch), &pass)?;
        self.alpha_meter.add(value, &logits.detach(), &batch.labels);
        Ok(())
    }

    /// Loss, logits and the gradient of the architecture of second order, the penalty's included.
    fn second_order_step(
        &self,
        pass: &Pass<'_>,
        batches: [&Batch; 2],
        epoch: usize,
        global: u64,
    ) -> (Tensor, Tensor, Tensor) {
        let (loss, logits, mut gradient) =
            second_order::gradient(self, pass, batches, self.learning_rate(epoch), global);
        if let Some(penalty) = self.penalty(epoch) {
            let _ = gradient.g_add_(&self.architecture.gradient(&penalty));
        }
        (loss, logits, gradient)
    }

    fn weight_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.train.batch(at.epoch, at.step);
        let draws = (Purpose::WeightStep, global);
        self.seed.seed_torch(draws.0, draws.1);
        let method = Arc::clone(&self.method);
        let pass = self.weight_pass(method.as_ref(), at.epoch, &batch);
        let (loss, logits) = self.loss(&pass, &batch);
        let value = loss.double_value(&[]);
        self.check(value, "the training loss", &pass, draws, &batch)?;
        let (clip, rate) = (self.config.search.clip, self.learning_rate(at.epoch));
        descend(&self.net.layout, &mut self.weights, &mut self.optimizer, &loss, clip, rate)?;
        self.train_meter.add(value, &logits.detach(), &batch.labels);
        Ok(())
    }

    fn weight_pass<'m>(&self, method: &'m dyn crate::methods::Method, epoch: usize, batch: &Batch) -> Pass<'m> {
        let (view, moment) = (self.view(), self.moment(epoch, Phase::Weights));
        let pass = Pass::new(method, &view, moment);
        method.adversary(&view, moment, pass, &|pass| {
            self.loss_with(&self.weights, &self.statistics, pass, batch, false).0
        })
    }

    /// Architecture and weights against the gradients of one training loss.
    fn joint_step(&mut self, at: Position, global: u64, searches: bool) -> Result<(), Fault> {
        let batch = self.train.batch(at.epoch, at.step);
        let draws = (Purpose::WeightStep, global);
        self.seed.seed_torch(draws.0, draws.1);
        let method = Arc::clone(&self.method);
        let pass = Pass::new(method.as_ref(), &self.view(), self.moment(at.epoch, Phase::Weights));
        let (loss, logits) = self.loss(&pass, &batch);
        let value = loss.double_value(&[]);
        self.check(value, "the training loss", &pass, draws, &batch)?;
        let leaves = self.architecture.leaves_with(&self.weights);
        let gradient = flat_gradient(&self.penalised(&loss, at.epoch), &leaves);
        let [architecture, weights] = self.architecture.split(&gradient).map(|part| part.copy());
        let (clip, rate) = (self.config.search.clip, self.learning_rate(at.epoch));
        move_weights(&self.net.layout, &mut self.weights, &mut self.optimizer, weights, clip, rate)?;
        if searches {
            let gradient = self.with_cost(architecture, value, at.epoch);
            self.move_architecture(gradient, &pass)?;
        }
        self.train_meter.add(value, &logits.detach(), &batch.labels);
        Ok(())
    }

    fn move_architecture(&mut self, gradient: Tensor, pass: &Pass<'_>) -> Result<(), Fault> {
        if !gradient.norm().double_value(&[]).is_finite() {
            return Err(Fault { what: "the gradient of alpha", node: "an architecture parameter".into() });
        }
        let before: Vec<Tensor> =
            self.architecture.alphas.views.iter().map(|row| row.detach().copy()).collect();
        self.architecture.step(gradient, self.config.search.alpha_clip);
        no_grad(|| self.method.settle(&self.view(), &before, pass));
        Ok(())
    }

    /// The loss with the method's penalty.
    fn penalised(&self, loss: &Tensor, epoch: usize) -> Tensor {
        self.penalty(epoch).map_or_else(|| loss.shallow_clone(), |penalty| loss + penalty)
    }

    fn penalty(&self, epoch: usize) -> Option<Tensor> {
        self.method.penalty(&self.view(), self.moment(epoch, Phase::Alphas))
    }

    /// The gradient of the architecture with the expected cost in the loss, where it has this value without.
    fn with_cost(&self, gradient: Tensor, loss: f64, epoch: usize) -> Tensor {
        let Some(cost) = &self.cost else { return gradient };
        let expected = cost.at(self.method.as_ref(), &self.view(), self.moment(epoch, Phase::Alphas));
        let penalty = no_grad(|| self.penalty(epoch)).map_or(0.0, |penalty| penalty.double_value(&[]));
        cost.in_gradient(&gradient, loss + penalty, &expected, &self.architecture.leaves())
    }

    /// The learning rate of the weights: a cosine over the method's cycle.
    fn learning_rate(&self, epoch: usize) -> f64 {
        let search = &self.config.search;
        let [epoch, epochs] = self.method.cycle(epoch, search.epochs);
        cosine(search.learning_rate, search.learning_rate_min, epoch, epochs)
    }

    /// Stops with the first node at fault when the loss is not finite: the pass is run again with the same
    /// random draws, and looked into.
    fn check(
        &self,
        loss: f64,
        what: &'static str,
        pass: &Pass<'_>,
        draws: Draws,
        batch: &Batch,
    ) -> Result<(), Fault> {
        if loss.is_finite() {
            return Ok(());
        }
        self.seed.seed_torch(draws.0, draws.1);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(pass) };
        let node = first_not_finite(&self.net, &self.weights, &self.statistics, &batch.images, mode);
        Err(Fault { what, node: node.unwrap_or_else(|| "the loss itself".into()) })
    }
}
