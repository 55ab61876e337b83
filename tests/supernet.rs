//! The supernet against an independent one in `PyTorch` (`golden/supernet.py`): same weights, alphas and pictures, no
//! noise.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use models::data::Pixels;
use models::input::InputSpec;
use models::network::Network;
use models::spaces::darts::Darts;
use models::spaces::skeleton::{Skeleton, Stem};
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::architecture::ArchitectureParameters;
use search::checkpoint::Position;
use search::config::Config;
use search::data::{Batch, Images, plain_batch};
use search::engine::Job as _;
use search::methods::{self, Moment, Pass, Phase};
use search::net::layout::Slot;
use search::net::{Mode, Net, Shortcut, Shortcuts, Statistics, Weights};
use search::random::Seed;
use search::search::Search;
use tch::{Device, Kind, Tensor, no_grad};

use crate::golden::{Golden, bytes, difference, draw};

/// libtorch has one generator of random numbers per process: tests that seed it, or draw from it, take turns. Each finds it
/// in the same state. One thread each: tensors this small gain nothing from two, and on busy cores lose minutes by them.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(1);
    tch::set_num_threads(1);
    turn
}

/// Bounds of issue 2: outputs, gradients.
const OUTPUTS: f64 = 1e-5;
const GRADIENTS: f64 = 1e-4;

/// As in `golden/supernet.py`.
const LABELS: [u16; 8] = [3, 1, 4, 1, 5, 9, 2, 6];
const BATCH: usize = 4;
const SIDE: usize = 16;
const SKELETON: Skeleton =
    Skeleton { stem: Stem::Cifar, channels: 4, cells: 3, classes: 10, size: [SIDE; 2], auxiliary: false };

/// The elements of a tensor of 32-bit floats.
pub(crate) fn numbers(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.detach().to_kind(Kind::Float).contiguous().reshape([-1]);
    Vec::try_from(&tensor).unwrap()
}

/// The small supernet.
pub(crate) fn supernet(none: bool) -> Network {
    Darts.supernet(&SKELETON, SpaceOptions { none }).unwrap()
}

/// As published, at the size of [`SKELETON`].
pub(crate) fn config(method: &str) -> Config {
    let mut config = Config::preset("paper").unwrap();
    config.method = method.into();
    (config.search.channels, config.search.cells, config.search.batch) =
        (SKELETON.channels, SKELETON.cells, BATCH);
    (config.search.augment.crop_padding, config.search.augment.flip) = (0, false);
    config
}

/// The first epoch.
pub(crate) const BEGINNING: Moment = Moment { epoch: 0, epochs: 50, phase: Phase::Weights };

/// Eight pictures: four to train the weights, four to train the alphas.
pub(crate) fn pictures() -> Images {
    let data = bytes("pictures", LABELS.len() * 3 * SIDE * SIDE);
    let pixels = Pixels { size: [SIDE; 2], data, labels: LABELS.to_vec() };
    Images {
        source: "pictures".into(),
        input: InputSpec::new([SIDE; 2], [0.5, 0.4, 0.3], [0.25, 0.3, 0.2]),
        classes: (0..10).map(|class| class.to_string()).collect(),
        train: pixels.clone(),
        test: pixels,
    }
}

pub(crate) fn training_batch() -> Batch {
    let images = pictures();
    plain_batch(&images.train, &images.input, 0..BATCH, Device::Cpu)
}

/// What a weight starts from, by its name.
fn start(slot: &Slot) -> Vec<f32> {
    let count = slot.dims.iter().product::<i64>() as usize;
    if slot.dims.len() > 1 {
        let fan_in: i64 = slot.dims[1..].iter().product();
        return draw(&slot.name, count, (3.0 / fan_in as f64).sqrt(), 0.0);
    }
    draw(&slot.name, count, 0.5, if slot.name.ends_with("weight") { 1.0 } else { 0.0 })
}

/// The weights that both sides start from, in the order of the slots.
pub(crate) fn start_all(slots: &[Slot]) -> Tensor {
    Tensor::from_slice(&slots.iter().flat_map(start).collect::<Vec<f32>>())
}

pub(crate) fn start_alphas(ops: usize) -> Tensor {
    let table = |kind| draw(&format!("alphas.{kind}"), 14 * ops, 1.0, 0.0);
    Tensor::from_slice(&["normal", "reduce"].map(table).concat())
}

/// A flat vector's numbers in the order of the slots' names, as the golden file has them.
fn by_name(slots: &[Slot], flat: &Tensor) -> Vec<f32> {
    let mut slots: Vec<&Slot> = slots.iter().collect();
    slots.sort_by(|a, b| a.name.cmp(&b.name));
    slots.iter().flat_map(|slot| numbers(&search::net::part(flat, slot))).collect()
}

/// A network with all it needs for a pass.
pub(crate) struct Subject {
    pub(crate) net: Net,
    pub(crate) weights: Weights,
    pub(crate) statistics: Statistics,
    pub(crate) architecture: ArchitectureParameters,
    pub(crate) method: Box<dyn methods::Method>,
}

impl Subject {
    /// A DARTS supernet at the values both sides start from.
    pub(crate) fn new(network: Network) -> Self {
        Self::with(network, Shortcuts::default())
    }

    /// The same with these shortcuts alone.
    pub(crate) fn with(network: Network, shortcuts: Shortcuts) -> Self {
        let config = config("darts");
        let method = methods::by_name("darts", &config).unwrap();
        let ops = network.tables[0].rows[0].ops.len();
        let net = Net::with(network, shortcuts);
        let weights = Weights::from_flat(&net.layout.weights, &start_all(&net.layout.weights));
        let statistics = Statistics::initial(&net.layout, Device::Cpu);
        let mut architecture = ArchitectureParameters::initial(
            &net.network.tables,
            method.as_ref(),
            &config.search,
            Seed(0),
            Device::Cpu,
        );
        no_grad(|| architecture.alphas.flat.copy_(&start_alphas(ops)));
        Self { net, weights, statistics, architecture, method }
    }

    /// Its architecture parameters as methods see them.
    pub(crate) fn view(&self) -> methods::View<'_> {
        self.architecture.view(&Darts, &self.net.network.tables)
    }

    /// Logits as while searching, in training or in evaluation mode.
    pub(crate) fn logits(&self, images: &Tensor, train: bool) -> Tensor {
        let pass = Pass::new(self.method.as_ref(), &self.view(), BEGINNING);
        let mode = Mode { train, drop_path: 0.0, mixing: Some(&pass) };
        self.net.logits(&self.weights, &self.statistics, images, mode)
    }

    /// Gradients with respect to alphas and weights.
    pub(crate) fn gradients(&self, loss: &Tensor) -> [Tensor; 2] {
        let leaves = self.architecture.alphas.views.iter().chain(&self.weights.views);
        let leaves: Vec<Tensor> = leaves.map(Tensor::shallow_clone).collect();
        let flat = search::net::flat_gradient(loss, &leaves);
        let alphas = self.architecture.alphas.flat.numel() as i64;
        [flat.narrow(0, 0, alphas), flat.narrow(0, alphas, flat.numel() as i64 - alphas)]
    }
}

#[track_caller]
fn close(what: &str, found: &[f32], expected: &[f32], bound: f64) {
    let difference = difference(found, expected);
    eprintln!("{what}: {difference:.1e}");
    assert!(difference <= bound, "{what} differs by {difference:e}, at most {bound:e} is allowed");
}

/// A search at the values both sides start from.
pub(crate) fn started<'a>(config: &'a Config, images: &'a Images) -> Search<'a> {
    let mut search = Search::new(config, images, Device::Cpu).unwrap();
    let weights = start_all(&search.net.layout.weights);
    no_grad(|| {
        search.weights.flat.copy_(&weights);
        search.architecture.alphas.flat.copy_(&start_alphas(7));
    });
    search
}

/// Logits, loss and gradients of alphas in a training pass; `prefix` is that of the golden values.
fn training_pass(subject: &Subject, golden: &Golden, prefix: &str) -> Tensor {
    let batch = training_batch();
    let logits = subject.logits(&batch.images, true);
    let loss = logits.cross_entropy_for_logits(&batch.labels);
    close("logits", &numbers(&logits), golden.get(&format!("{prefix}logits")), OUTPUTS);
    close("loss", &numbers(&loss), golden.get(&format!("{prefix}loss")), OUTPUTS);
    let [alphas, weights] = subject.gradients(&loss);
    let expected = ["normal", "reduce"].map(|kind| golden.get(&format!("{prefix}gradient.alphas.{kind}")));
    close("gradients of alphas", &numbers(&alphas), &expected.concat(), GRADIENTS);
    weights
}

#[test]
fn a_training_pass_equals_pytorchs() {
    let _alone = alone();
    let golden = Golden::supernet();
    let subject = Subject::with(supernet(false), Shortcuts::without(&Shortcut::ALL));
    let gradient = training_pass(&subject, &golden, "");
    let layout = &subject.net.layout;
    close(
        "gradients of weights",
        &by_name(&layout.weights, &gradient),
        golden.get("gradient.weights"),
        GRADIENTS,
    );
    let statistics = by_name(&layout.statistics, &subject.statistics.flat);
    close("running statistics", &statistics, golden.get("statistics"), OUTPUTS);
    let logits = no_grad(|| subject.logits(&training_batch().images, false));
    close("logits in evaluation", &numbers(&logits), golden.get("evaluation.logits"), OUTPUTS);
}

#[test]
fn with_none_as_an_operation_too() {
    let _alone = alone();
    drop(training_pass(&Subject::new(supernet(true)), &Golden::supernet(), "none."));
}

#[test]
fn with_all_shortcuts_it_computes_the_same() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let gradient = training_pass(&subject, &Golden::supernet(), "");
    let gradient = by_name(&subject.net.layout.weights, &gradient);
    close("gradients of weights", &gradient, Golden::supernet().get("gradient.weights"), GRADIENTS);
}

/// Two whole steps of the search itself: alphas by Adam, then weights by SGD with momentum, weight decay, clipping (which the
/// first step needs and the second does not) and the cosine schedule.
#[test]
fn two_search_steps_equal_pytorchs() {
    let _alone = alone();
    let golden = Golden::supernet();
    let (config, images) = (config("darts"), pictures());
    let mut search = started(&config, &images);
    let before = start_all(&search.net.layout.weights);
    assert_eq!(search.steps(), 1, "four pictures, batches of four");
    for epoch in 0..2 {
        search.step(Position { epoch, step: 0 }).unwrap();
    }
    let change =
        |after: &[f32]| after.iter().zip(numbers(&start_alphas(7))).map(|(a, b)| a - b).collect::<Vec<f32>>();
    let alphas = ["normal", "reduce"].map(|kind| golden.get(&format!("after.alphas.{kind}"))).concat();
    let found = numbers(&search.architecture.alphas.flat);
    close("alphas", &found, &alphas, GRADIENTS);
    // They move by 6e-4, and one rounding of alphas up to 1 is 6e-8.
    close("change of alphas", &change(&found), &change(&alphas), 1e-3);
    let moved = no_grad(|| &search.weights.flat - &before);
    let moved = by_name(&search.net.layout.weights, &moved);
    close("change of weights", &moved, golden.get("after.change"), GRADIENTS);
}
