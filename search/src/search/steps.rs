//! The steps of a search: architecture, weights, or both at once.

use std::sync::Arc;

use tch::{Kind, Tensor, no_grad};

use super::{Search, second_order};
use crate::checkpoint::Position;
use crate::data::Batch;
use crate::engine::{Fault, move_weights};
use crate::figures::{Coming, Figures};
use crate::methods::{Pass, Phase, Training};
use crate::net::profile::{NodeProfile, profile};
use crate::net::{Descent, Mode, Statistics, Subject, Task, Weights, first_not_finite, is_finite};
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

    /// The loss of a batch in a training pass of this subject, and its gradient by these leaves.
    pub(super) fn descent(
        &self,
        subject: Subject<'_>,
        batch: &Batch,
        leaves: &[Tensor],
        shared: bool,
    ) -> Descent {
        let wanted = [self.net.network.logits()];
        let loss = |outputs: &[Tensor]| outputs[0].to_kind(Kind::Float).cross_entropy_for_logits(&batch.labels);
        let task = Task { images: &batch.images, wanted: &wanted, loss: &loss, leaves, shared };
        subject.descent(&task, self.config.compute())
    }

    /// The supernet as it stands, in a training pass.
    pub(super) fn subject<'b>(&'b self, pass: &'b Pass<'b>) -> Subject<'b> {
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(pass) };
        Subject { net: &self.net, weights: &self.weights, statistics: &self.statistics, mode }
    }

    /// What each node takes in a step of the weights.
    pub(super) fn profile_on(&self, batch: &Batch, repetitions: usize) -> Vec<NodeProfile> {
        let pass = self.weight_pass(self.method.as_ref(), 0, batch);
        profile(self.subject(&pass), &self.architecture.leaves(), &batch.images, repetitions)
    }

    fn alpha_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.valid.endless(global);
        let training = self.config.search.second_order.then(|| self.train.batch(at.epoch, at.step));
        let draws = (Purpose::AlphaStep, global);
        self.seed.seed_torch(draws.0, draws.1);
        let method = Arc::clone(&self.method);
        let pass = Pass::new(method.as_ref(), &self.view(), self.moment(at.epoch, Phase::Alphas));
        let mut descent = match training {
            None => self.descent(self.subject(&pass), &batch, &self.architecture.leaves(), false),
            Some(training) => {
                second_order::descent(self, &pass, [&training, &batch], self.learning_rate(at.epoch), global)
            }
        };
        descent.gradient = self.with_cost(&descent, at.epoch);
        self.look(&Step { what: Phase::Alphas, pass: &pass, draws, batch: &batch, descent: &descent })?;
        self.move_architecture(descent.gradient, &pass);
        Ok(())
    }

    fn weight_step(&mut self, at: Position, global: u64) -> Result<(), Fault> {
        let batch = self.train.batch(at.epoch, at.step);
        let draws = (Purpose::WeightStep, global);
        self.seed.seed_torch(draws.0, draws.1);
        let method = Arc::clone(&self.method);
        let pass = self.weight_pass(method.as_ref(), at.epoch, &batch);
        let descent = self.descent(self.subject(&pass), &batch, &self.weights.views, false);
        self.look(&Step { what: Phase::Weights, pass: &pass, draws, batch: &batch, descent: &descent })?;
        self.move_weights(descent.gradient, at.epoch);
        Ok(())
    }

    fn move_weights(&mut self, gradient: Tensor, epoch: usize) {
        let (clip, rate) = (self.config.search.clip, self.learning_rate(epoch));
        move_weights(&mut self.weights, &mut self.optimizer, gradient, clip, rate);
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
        let descent =
            self.descent(self.subject(&pass), &batch, &self.architecture.leaves_with(&self.weights), false);
        self.look(&Step { what: Phase::Weights, pass: &pass, draws, batch: &batch, descent: &descent })?;
        let [architecture, weights] = self.architecture.split(&descent.gradient).map(|part| part.copy());
        let architecture = Descent { gradient: architecture, ..descent };
        let architecture = searches.then(|| self.with_cost(&architecture, at.epoch));
        self.move_weights(weights, at.epoch);
        if let Some(gradient) = architecture {
            self.move_architecture(gradient, &pass);
        }
        Ok(())
    }

    fn move_architecture(&mut self, gradient: Tensor, pass: &Pass<'_>) {
        let before: Vec<Tensor> =
            self.architecture.alphas.views.iter().map(|row| row.detach().copy()).collect();
        self.architecture.step(gradient, self.config.search.alpha_clip);
        no_grad(|| self.method.settle(&self.view(), &before, pass));
    }

    /// The gradient of the architecture with the method's penalty and the expected cost in the loss.
    fn with_cost(&self, descent: &Descent, epoch: usize) -> Tensor {
        let moment = self.moment(epoch, Phase::Alphas);
        let (loss, gradient) = match self.method.penalty(&self.view(), moment) {
            Some(penalty) => {
                (&descent.loss + penalty.detach(), &descent.gradient + self.architecture.gradient(&penalty))
            }
            None => (descent.loss.shallow_clone(), descent.gradient.shallow_clone()),
        };
        let Some(cost) = &self.cost else { return gradient };
        let expected = cost.at(self.method.as_ref(), &self.view(), moment);
        cost.in_gradient(&gradient, &loss, &expected, &self.architecture.leaves())
    }

    /// The learning rate of the weights: a cosine over the method's cycle.
    fn learning_rate(&self, epoch: usize) -> f64 {
        let search = &self.config.search;
        let [epoch, epochs] = self.method.cycle(epoch, search.epochs);
        cosine(search.learning_rate, search.learning_rate_min, epoch, epochs)
    }

    /// Accounts for the numbers of a step before anything moves; where the device is not waited for, for those of the step
    /// before.
    fn look(&mut self, step: &Step<'_>) -> Result<(), Fault> {
        let Some((what, figures)) = self.waiting.turn(step.what, Coming::of(step.descent, &step.batch.labels))
        else {
            return Ok(());
        };
        if self.waiting.is_late() || figures.is_finite() {
            return self.count(what, figures);
        }
        Err(self.fault(step, figures))
    }

    /// Counts the numbers of a step.
    pub(super) fn count(&mut self, what: Phase, figures: Figures) -> Result<(), Fault> {
        match what {
            Phase::Alphas => self.alpha_meter.count(figures),
            _ => self.train_meter.count(figures),
        }
        figures.late_fault(loss_of(what), "a gradient")
    }

    /// What is not finite in a step, with the first node at fault: the pass is run again with the same random draws, and
    /// looked into.
    fn fault(&self, step: &Step<'_>, figures: Figures) -> Fault {
        if !figures.loss.is_finite() {
            self.seed.seed_torch(step.draws.0, step.draws.1);
            let mode = Mode { train: true, drop_path: 0.0, mixing: Some(step.pass) };
            let node = first_not_finite(&self.net, &self.weights, &self.statistics, &step.batch.images, mode);
            return Fault { what: loss_of(step.what), node: node.unwrap_or_else(|| "the loss itself".into()) };
        }
        if step.what == Phase::Weights {
            // The architecture's comes first, where there is one.
            let (gradient, weights) = (&step.descent.gradient, self.net.layout.weight_count());
            let own = gradient.narrow(0, gradient.numel() as i64 - weights, weights);
            if !is_finite(&own) {
                return Fault::in_gradient(&self.net.layout, &own);
            }
        }
        Fault { what: "the gradient of alpha", node: "an architecture parameter".into() }
    }
}

/// What is known of a step before anything moves.
struct Step<'b> {
    what: Phase,
    pass: &'b Pass<'b>,
    draws: Draws,
    batch: &'b Batch,
    descent: &'b Descent,
}

const fn loss_of(what: Phase) -> &'static str {
    match what {
        Phase::Alphas => "the validation loss",
        _ => "the training loss",
    }
}
