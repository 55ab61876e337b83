//! What happens between epochs: early stops, and going back to an earlier state.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tch::Tensor;

use super::Search;
use crate::checkpoint::{Checkpoint, Position, State};
use crate::error::Error;
use crate::review::{History, Verdict};
use crate::run_folder::{RunFolder, ends_of_epochs};

/// The names of kept states begin with this.
const SNAPSHOT: &str = "snapshot.";

/// Where the search stands, and what it may go back to.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// The epoch at work.
    pub(super) epoch: usize,
    /// How many epochs the search had when its method stopped it.
    pub(super) stopped: Option<usize>,
    /// Where the search went back to, until the loop asks.
    pub(super) moved_to: Option<Position>,
    /// Earlier states by epoch, as far as the method may go back to them.
    snapshots: BTreeMap<usize, State>,
}

impl Course {
    pub(super) fn state(&self) -> State {
        let number = |name: &str, value: usize| (name.to_string(), Tensor::from_slice(&[value as i64]));
        let mut state = vec![number("epoch", self.epoch)];
        state.extend(self.stopped.map(|epochs| number("stopped", epochs)));
        for (epoch, snapshot) in &self.snapshots {
            let named = snapshot.iter().map(|(name, tensor)| (format!("{SNAPSHOT}{epoch}.{name}"), tensor));
            state.extend(named.map(|(name, tensor)| (name, tensor.shallow_clone())));
        }
        state
    }

    pub(super) fn restored(checkpoint: &Checkpoint) -> Self {
        let number = |name: &str| checkpoint.get(name).map(|value| value.int64_value(&[0]) as usize);
        let mut snapshots: BTreeMap<usize, State> = BTreeMap::new();
        for (name, tensor) in &checkpoint.state {
            let parts = name.strip_prefix(SNAPSHOT).and_then(|rest| rest.split_once('.'));
            if let Some((Ok(epoch), name)) = parts.map(|(epoch, name)| (epoch.parse(), name)) {
                snapshots.entry(epoch).or_default().push((name.into(), tensor.shallow_clone()));
            }
        }
        Self { epoch: number("epoch").unwrap_or(0), stopped: number("stopped"), moved_to: None, snapshots }
    }
}

impl Search<'_> {
    /// Asks the method whether the search goes on after this epoch, whose line is not yet written.
    pub(super) fn review(&mut self, epoch: usize, line: &mut Value, folder: &RunFolder) -> Result<(), Error> {
        let every = self.config.diagnostics.eigenvalue_every;
        if self.method.wants_eigenvalue(epoch) || (every > 0 && epoch.is_multiple_of(every)) {
            line["eigenvalue"] = json!(self.eigenvalue(epoch));
        }
        if self.method.goes_back() > 0 && self.method.wants_eigenvalue(epoch) {
            self.keep(epoch);
        }
        if !self.method.reviews() {
            return Ok(());
        }
        let [mut metrics, alphas] =
            [folder.lines("metrics.jsonl")?, folder.lines("alphas.jsonl")?].map(ends_of_epochs);
        metrics.push(line.clone());
        match self.method.review(&History {
            metrics: &metrics,
            alphas: &alphas,
            weight_decay: self.optimizer.config.weight_decay,
        }) {
            Verdict::GoOn => Ok(()),
            Verdict::Stop { epoch: chosen, reason } => {
                line["stop"] = json!(reason);
                self.course.stopped = Some(epoch + 1);
                write_result(&metrics, chosen, folder)
            }
            Verdict::RollBack { epoch: target, weight_decay, reason } => {
                let Some(state) = self.course.snapshots.get(&target) else { return Ok(()) };
                let state = state.iter().map(|(name, tensor)| (name.clone(), tensor.copy())).collect();
                record(
                    folder,
                    &json!({ "from": epoch, "to": target, "weight_decay": weight_decay, "reason": reason }),
                )?;
                self.go_back(target, state, weight_decay)
            }
        }
    }

    fn keep(&mut self, epoch: usize) {
        let copied = |(name, tensor): (String, Tensor)| (name, tensor.detach().copy());
        let state: State = self.own_state().into_iter().map(copied).collect();
        self.course.snapshots.insert(epoch, state);
        let reach = self.method.goes_back();
        self.course.snapshots.retain(|&kept, _| kept + reach >= epoch);
    }

    /// Goes back to the state after an earlier epoch.
    fn go_back(
        &mut self,
        epoch: usize,
        state: HashMap<String, Tensor>,
        weight_decay: f64,
    ) -> Result<(), Error> {
        let position = Position { epoch: epoch + 1, step: 0 };
        self.restore_own(&Checkpoint::of_state(position, state))?;
        self.optimizer.config.weight_decay = weight_decay;
        self.course.snapshots.retain(|&kept, _| kept <= epoch);
        (self.course.epoch, self.course.moved_to) = (epoch, Some(position));
        Ok(())
    }
}

/// Notes a return, once: a run killed before its next checkpoint comes to it again.
fn record(folder: &RunFolder, line: &Value) -> Result<(), Error> {
    const NAME: &str = "rollbacks.jsonl";
    if folder.lines(NAME)?.contains(line) { Ok(()) } else { folder.append(NAME, line) }
}

/// Makes the genotype after this epoch the result.
fn write_result(metrics: &[Value], epoch: usize, folder: &RunFolder) -> Result<(), Error> {
    let text = metrics.get(epoch).and_then(|line| line["genotype"].as_str()).unwrap_or_default();
    let genotype = models::genotype::Genotype::parse(text)?;
    folder.write("genotype.json", genotype.to_json().as_bytes())
}
