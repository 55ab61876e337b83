//! Architecture parameters: the alphas, what a method has beside them, and their optimisers.

use models::network::Table;
use models::spaces::SearchSpace;
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor, no_grad};

use crate::checkpoint::{Checkpoint, State};
use crate::config::SearchConfig;
use crate::error::Error;
use crate::methods::{Extra, Method, Moment, Numbers, View};
use crate::net::layout::Slot;
use crate::net::{Weights, flat_gradient};
use crate::optim::{Adam, AdamConfig, clip_norm};
use crate::random::{Purpose, Seed};

/// The alphas and extras of a search.
#[derive(Debug)]
pub struct ArchitectureParameters {
    /// `[ops]` of each row of the tables, table after table.
    pub alphas: Weights,
    /// What the method has beside them; empty for most.
    pub extras: Weights,
    optimizers: [Adam; 2],
}

impl ArchitectureParameters {
    /// Alphas drawn from a normal distribution of small deviation, extras as the method says.
    #[must_use]
    pub fn initial(
        tables: &[Table],
        method: &dyn Method,
        config: &SearchConfig,
        seed: Seed,
        device: Device,
    ) -> Self {
        let slots = alpha_slots(tables);
        let count = slots.last().map_or(0, |slot| slot.range.end);
        seed.seed_torch(Purpose::Alphas, 0);
        let alphas = Tensor::randn([count], (Kind::Float, Device::Cpu)) * config.alpha_init + config.alpha_mean;
        let alphas = Weights::from_flat(&slots, &alphas.to_device(device));
        let extras = extra_weights(method.extras(tables), device);
        let adam = |weight_decay| AdamConfig {
            learning_rate: config.alpha_learning_rate,
            betas: config.alpha_betas,
            eps: 1e-8,
            weight_decay,
        };
        let optimizers =
            [Adam::new(adam(config.alpha_weight_decay), &alphas.flat), Adam::new(adam(0.0), &extras.flat)];
        Self { alphas, extras, optimizers }
    }

    /// The parameters as methods see them.
    #[must_use]
    pub fn view<'a>(&'a self, space: &'static dyn SearchSpace, tables: &'a [Table]) -> View<'a> {
        View { space, tables, alphas: &self.alphas.views, extras: &self.extras.views }
    }

    /// All of them, alphas then extras.
    #[must_use]
    pub fn leaves(&self) -> Vec<Tensor> {
        self.alphas.views.iter().chain(&self.extras.views).map(Tensor::shallow_clone).collect()
    }

    /// All of them, then the views of these weights.
    #[must_use]
    pub fn leaves_with(&self, weights: &Weights) -> Vec<Tensor> {
        self.leaves().into_iter().chain(weights.views.iter().map(Tensor::shallow_clone)).collect()
    }

    /// The two parts of a flat gradient by [`Self::leaves_with`]: the architecture's, and the weights'.
    #[must_use]
    pub fn split(&self, gradient: &Tensor) -> [Tensor; 2] {
        let own = (self.alphas.flat.numel() + self.extras.flat.numel()) as i64;
        [gradient.narrow(0, 0, own), gradient.narrow(0, own, gradient.numel() as i64 - own)]
    }

    /// The flat gradient of a loss, alphas then extras.
    #[must_use]
    pub fn gradient(&self, loss: &Tensor) -> Tensor {
        flat_gradient(loss, &self.leaves())
    }

    /// One step of Adam against a gradient as [`Self::gradient`] gives it, clipped to this norm; 0 does not clip.
    pub fn step(&mut self, mut gradient: Tensor, clip: f64) {
        if clip > 0.0 {
            clip_norm(&mut gradient, clip);
        }
        let alphas = self.alphas.flat.numel() as i64;
        let extras = self.extras.flat.numel() as i64;
        no_grad(|| {
            if extras > 0 {
                self.optimizers[1].step(&mut self.extras.flat, gradient.narrow(0, alphas, extras).copy());
            }
            let gradient = if extras > 0 { gradient.narrow(0, 0, alphas).copy() } else { gradient };
            self.optimizers[0].step(&mut self.alphas.flat, gradient);
        });
    }

    /// Everything needed to go on.
    #[must_use]
    pub fn state(&self) -> State {
        let mut state = State::new();
        let groups = [("alphas", &self.alphas), ("extras", &self.extras)];
        for ((name, parameters), adam) in groups.into_iter().zip(&self.optimizers) {
            state.push((name.to_string(), parameters.flat.shallow_clone()));
            state.push((format!("{name}.adam.first"), adam.first.shallow_clone()));
            state.push((format!("{name}.adam.second"), adam.second.shallow_clone()));
            state.push((format!("{name}.adam.steps"), Tensor::from_slice(&[adam.steps])));
        }
        state
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When it belongs to other settings.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let groups = [("alphas", &mut self.alphas), ("extras", &mut self.extras)];
        for ((name, parameters), adam) in groups.into_iter().zip(&mut self.optimizers) {
            let size = parameters.flat.size();
            let device = parameters.flat.device();
            let saved = |key: &str| Ok::<_, Error>(checkpoint.take(key, &size)?.to_device(device));
            let values = saved(name)?;
            no_grad(|| parameters.flat.copy_(&values));
            adam.first = saved(&format!("{name}.adam.first"))?;
            adam.second = saved(&format!("{name}.adam.second"))?;
            adam.steps = checkpoint.take(&format!("{name}.adam.steps"), &[1])?.int64_value(&[0]);
        }
        Ok(())
    }
}

/// The method's probabilities as numbers.
#[must_use]
pub fn probabilities(method: &dyn Method, view: &View<'_>, moment: Moment) -> Numbers {
    let rows: Vec<Tensor> =
        no_grad(|| view.places().map(|place| method.probabilities(&place, moment)).collect());
    by_table(view, &rows)
}

/// The numbers of these rows, table after table, as `[table][row][op]`.
#[must_use]
pub fn by_table(view: &View<'_>, rows: &[Tensor]) -> Numbers {
    let mut rows = rows.iter().map(numbers);
    view.tables.iter().map(|table| rows.by_ref().take(table.rows.len()).collect()).collect()
}

/// Alphas, probabilities and extras by name, for `alphas.jsonl`, with the edges and the operations that they belong to.
#[must_use]
pub fn to_json(method: &dyn Method, view: &View<'_>, moment: Moment) -> Value {
    let mut line = json!({ "alpha": {}, "weights": {}, "edges": {}, "ops": {} });
    let values = by_table(view, view.alphas).into_iter().zip(probabilities(method, view, moment));
    for (table, (alphas, weights)) in view.tables.iter().zip(values) {
        line["alpha"][&table.name] = json!(alphas);
        line["weights"][&table.name] = json!(weights);
        line["edges"][&table.name] = json!(table.rows.iter().map(|row| &row.edge).collect::<Vec<_>>());
        line["ops"][&table.name] = json!(table.rows.iter().map(|row| &row.ops).collect::<Vec<_>>());
    }
    for (extra, value) in method.extras(view.tables).iter().zip(view.extras) {
        line[&extra.name] = json!(numbers(value));
    }
    line
}

fn alpha_slots(tables: &[Table]) -> Vec<Slot> {
    slots(tables.iter().flat_map(|table| &table.rows).map(|row| vec![row.ops.len() as i64]))
}

/// Slots one behind the other.
fn slots(dims: impl Iterator<Item = Vec<i64>>) -> Vec<Slot> {
    let mut end = 0;
    dims.map(|dims| {
        let start = end;
        end += dims.iter().product::<i64>();
        Slot { name: String::new(), role: models::layer::Role::Weight, dims, range: start..end }
    })
    .collect()
}

fn extra_weights(extras: Vec<Extra>, device: Device) -> Weights {
    let slots = slots(extras.iter().map(|extra| extra.initial.size()));
    let parts: Vec<Tensor> = extras.iter().map(|extra| extra.initial.reshape([-1])).collect();
    let flat =
        if parts.is_empty() { Tensor::zeros([0], (Kind::Float, Device::Cpu)) } else { Tensor::cat(&parts, 0) };
    Weights::from_flat(&slots, &flat.to_device(device))
}

/// A vector's elements.
pub(crate) fn numbers(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Double).contiguous();
    let mut numbers = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut numbers, tensor.numel());
    numbers
}
