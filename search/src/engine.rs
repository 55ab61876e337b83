//! The loop that searches and trainings share: steps, epochs, checkpoints, metrics, progress, interruption.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use tch::{Tensor, no_grad};

use crate::checkpoint::{Checkpoint, Position, State};
use crate::data::Batch;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::meter::Meter;
use crate::net::profile::NodeProfile;
use crate::net::{Layout, Weights, is_finite};
use crate::optim::{Sgd, clip_norm};
use crate::run_folder::RunFolder;

/// A value that is not finite, found in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is not finite.
    pub what: &'static str,
    /// The first node or tensor at fault.
    pub node: String,
}

impl Fault {
    /// A fault that showed itself one step late, when what led to it was gone.
    pub(crate) fn late(what: &'static str) -> Self {
        let node = "a node that a run on the CPU names (--device cpu; numbers of a GPU are read one step late)";
        Self { what, node: node.into() }
    }

    /// A fault in the flat gradient of the weights.
    pub(crate) fn in_gradient(layout: &Layout, gradient: &Tensor) -> Self {
        Self {
            what: "the gradient of the weights",
            node: layout.first_not_finite(gradient).unwrap_or_else(|| "its norm".into()),
        }
    }

    /// A fault in the state after a step, which would spoil the checkpoint.
    fn in_state(layout: &Layout, state: &State) -> Option<Self> {
        let (name, tensor) = state.iter().find(|(_, tensor)| !is_finite(tensor))?;
        let part = match name.as_str() {
            "weights" => layout.first_not_finite(tensor),
            "statistics" => layout.first_statistic_not_finite(tensor),
            _ => None,
        };
        Some(Self { what: "what is trained", node: part.unwrap_or_else(|| name.clone()) })
    }
}

/// One step of the weights against this flat gradient, clipped to the norm `clip`; 0 does not clip.
pub(crate) fn move_weights(
    weights: &mut Weights,
    optimizer: &mut Sgd,
    mut gradient: Tensor,
    clip: f64,
    learning_rate: f64,
) {
    no_grad(|| {
        if clip > 0.0 {
            clip_norm(&mut gradient, clip);
        }
        optimizer.step(&mut weights.flat, gradient, learning_rate);
    });
}

/// Something that runs in epochs of steps and can be saved between any two steps.
pub trait Job {
    /// What it does, for the progress bar.
    fn name(&self) -> &'static str;
    /// Number of epochs.
    fn epochs(&self) -> usize;
    /// Steps of an epoch.
    fn steps(&self) -> usize;
    /// Does one step.
    ///
    /// # Errors
    /// When a value is not finite.
    fn step(&mut self, at: Position) -> Result<(), Fault>;
    /// Waits for the numbers of the last step, where they are not read yet.
    ///
    /// # Errors
    /// When one is not finite.
    fn settle(&mut self) -> Result<(), Fault> {
        Ok(())
    }
    /// The batches of this step, that of the weights first.
    fn batches(&mut self, at: Position) -> Vec<Batch>;
    /// Loss and accuracy of the epoch so far on those, in the same order.
    fn meters(&self) -> Vec<Meter>;
    /// What each node takes in a step on the first batch of the weights; least times of so many repetitions.
    fn profile(&mut self, repetitions: usize) -> Vec<NodeProfile>;
    /// The current state in a few words, for the progress bar.
    fn status(&self) -> String;
    /// Reports the epoch so far; returns what goes into `metrics.jsonl`.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn report(&self, at: Position, folder: &RunFolder) -> Result<Value, Error>;
    /// Evaluates and reports the epoch; returns what goes into `metrics.jsonl`.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn finish_epoch(&mut self, epoch: usize, folder: &RunFolder) -> Result<Value, Error>;
    /// Where the job went back to at the end of the last epoch; asked once.
    fn moved_to(&mut self) -> Option<Position> {
        None
    }
    /// The network's layout, for the names of what is in the state.
    fn layout(&self) -> &Layout;
    /// Everything needed to go on, the weights and running statistics under these names.
    fn state(&self) -> State;
    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When the checkpoint belongs to other settings.
    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error>;
}

/// How the loop is run.
#[derive(Debug)]
pub struct Engine<'a> {
    /// Where to write.
    pub folder: &'a RunFolder,
    /// When to stop.
    pub interrupt: &'a Interrupt,
    /// Steps between checkpoints within an epoch.
    pub checkpoint_steps: usize,
    /// Steps between lines of `metrics.jsonl` within an epoch.
    pub report_steps: usize,
    /// Whether to hide the progress bar.
    pub quiet: bool,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are done.
    Done,
    /// Someone asked to stop; the checkpoint is written.
    Interrupted,
}

impl Engine<'_> {
    /// Runs the job from its last checkpoint, or from the start, to the end.
    ///
    /// # Errors
    /// When a step or a file fails. The last checkpoint stays valid.
    pub fn run(&self, job: &mut dyn Job) -> Result<Outcome, Error> {
        let mut at = self.resume(job)?;
        let bar = self.progress(job, at);
        while at.epoch < job.epochs() {
            let started = Instant::now();
            if self.epoch(job, &mut at, &bar, started)? == Outcome::Interrupted {
                bar.abandon_with_message("interrupted");
                return Ok(Outcome::Interrupted);
            }
            self.sound_state(job, at)?;
            let line = job.finish_epoch(at.epoch, self.folder)?;
            at = Position { epoch: at.epoch + 1, step: 0 };
            self.folder.append("metrics.jsonl", &stamped(line, at, started.elapsed()))?;
            match job.moved_to() {
                None => self.folder.checkpoints.save(at, &job.state())?,
                Some(earlier) => {
                    at = earlier;
                    self.go_back(job, at, &bar)?;
                }
            }
        }
        bar.finish();
        Ok(Outcome::Done)
    }

    fn resume(&self, job: &mut dyn Job) -> Result<Position, Error> {
        let checkpoint = self.folder.checkpoints.load_last()?;
        if let Some(checkpoint) = &checkpoint {
            job.restore(checkpoint)?;
        }
        let position = checkpoint.map_or_else(Position::default, |checkpoint| checkpoint.position);
        self.rewind_lines(position)?;
        Ok(position)
    }

    /// Drops what lies behind a position that a job went back to.
    fn go_back(&self, job: &dyn Job, position: Position, bar: &ProgressBar) -> Result<(), Error> {
        self.folder.checkpoints.save_earlier(position, &job.state())?;
        bar.set_position((position.epoch * job.steps()) as u64);
        self.rewind_lines(position)
    }

    fn rewind_lines(&self, position: Position) -> Result<(), Error> {
        for name in ["metrics.jsonl", "alphas.jsonl"] {
            if self.folder.path(name).exists() {
                self.folder.rewind(name, position)?;
            }
        }
        Ok(())
    }

    /// The remaining steps of an epoch.
    fn epoch(
        &self,
        job: &mut dyn Job,
        at: &mut Position,
        bar: &ProgressBar,
        started: Instant,
    ) -> Result<Outcome, Error> {
        while at.step < job.steps() {
            if self.interrupt.is_set() {
                self.folder.checkpoints.save(*at, &self.sound_state(job, *at)?)?;
                return Ok(Outcome::Interrupted);
            }
            at.step += 1;
            job.step(Position { step: at.step - 1, ..*at }).map_err(|fault| self.stopped(*at, fault))?;
            bar.inc(1);
            bar.set_message(job.status());
            let steps_of_epoch = job.steps();
            let due = |steps| at.step.is_multiple_of(steps) && at.step < steps_of_epoch;
            if due(self.report_steps) {
                job.settle().map_err(|fault| self.stopped(*at, fault))?;
                let line = job.report(*at, self.folder)?;
                self.folder.append("metrics.jsonl", &stamped(line, *at, started.elapsed()))?;
            }
            if due(self.checkpoint_steps) {
                self.folder.checkpoints.save(*at, &self.sound_state(job, *at)?)?;
            }
        }
        Ok(Outcome::Done)
    }

    /// The job's state, refused where it is not finite: a run could not go on from it.
    fn sound_state(&self, job: &mut dyn Job, at: Position) -> Result<State, Error> {
        job.settle().map_err(|fault| self.stopped(at, fault))?;
        let state = job.state();
        match Fault::in_state(job.layout(), &state) {
            None => Ok(state),
            Some(fault) => Err(self.stopped(at, fault)),
        }
    }

    /// The error of a fault in the last of these steps.
    fn stopped(&self, at: Position, fault: Fault) -> Error {
        let checkpoint = self.folder.checkpoints.last_name();
        Error::NotFinite { what: fault.what, epoch: at.epoch + 1, step: at.step, node: fault.node, checkpoint }
    }

    fn progress(&self, job: &dyn Job, at: Position) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some((job.epochs() * job.steps()) as u64), target);
        let template = "{prefix} {wide_bar} {pos}/{len} steps, {per_sec}, ETA {eta} {msg}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(job.name());
        bar.set_position((at.epoch * job.steps() + at.step) as u64);
        bar.reset_eta();
        bar
    }
}

fn stamped(mut line: Value, at: Position, elapsed: Duration) -> Value {
    line["epoch"] = json!(at.epoch);
    line["step"] = json!(at.step);
    line["seconds"] = json!((elapsed.as_secs_f64() * 1000.0).round() / 1000.0);
    line
}
