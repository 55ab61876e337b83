//! Other ways to compute the same step: less memory, fewer bits, numbers that are read late.

use models::spaces::{self, SpaceOptions, skeleton::Skeleton};
use search::checkpoint::{Position, State};
use search::config::Config;
use search::data::Batch;
use search::engine::Job;
use search::methods::{self, Moment, Pass, Phase};
use search::net::{
    Compute, Descent, Memory, Mode, Net, Shortcut, Shortcuts, Statistics, Subject, Task, Weights,
};
use search::precision::Precision;
use search::random::Seed;
use search::retrain::Retrain;
use search::search::Search;
use tch::{Device, Kind, Tensor};

use crate::supernet::{alone, config, pictures, training_batch};

/// Of issue 5: outputs and gradients of a pass computed in another way.
const EQUAL: f64 = 1e-5;

const MOMENT: Moment = Moment { epoch: 1, epochs: 50, phase: Phase::Alphas };

/// Largest difference as a share of the largest value.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    let scale = b.abs().max().double_value(&[]).max(f64::MIN_POSITIVE);
    (a - b).abs().max().double_value(&[]) / scale
}

fn skeleton_of(config: &Config) -> Skeleton {
    let images = pictures();
    config.supernet_skeleton(images.classes.len(), &images.input)
}

/// The descent of one batch by alphas and weights, running statistics after it, and the next random number.
fn descend(space: &str, method: &str, compute: Compute) -> (Descent, Tensor, f64) {
    descend_with(space, method, compute, Shortcuts::default())
}

fn descend_with(space: &str, method: &str, compute: Compute, shortcuts: Shortcuts) -> (Descent, Tensor, f64) {
    let mut config = config(method);
    config.search.channels = 8;
    config.space = space.into();
    config.noise.sigma = 0.4;
    let space = spaces::by_name(space).unwrap();
    let method = methods::by_name(method, &config).unwrap();
    let supernet = space.supernet(&skeleton_of(&config), SpaceOptions::default()).unwrap();
    let net = Net::with(method.prepare(supernet).unwrap(), shortcuts);
    let weights = Weights::initial(&net.layout, Seed(1), Device::Cpu);
    let statistics = Statistics::initial(&net.layout, Device::Cpu);
    let architecture = search::architecture::ArchitectureParameters::initial(
        &net.network.tables,
        method.as_ref(),
        &config.search,
        Seed(2),
        Device::Cpu,
    );
    tch::manual_seed(3);
    let view = architecture.view(space, &net.network.tables);
    let pass = Pass::new(method.as_ref(), &view, MOMENT);
    let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
    let subject = Subject { net: &net, weights: &weights, statistics: &statistics, mode };
    let Batch { images, labels } = training_batch();
    let loss = |outputs: &[Tensor]| outputs[0].to_kind(Kind::Float).cross_entropy_for_logits(&labels);
    let (wanted, leaves) = ([net.network.logits()], architecture.leaves_with(&weights));
    let task = Task { images: &images, wanted: &wanted, loss: &loss, leaves: &leaves, shared: false };
    let descent = subject.descent(&task, compute);
    let next = Tensor::rand([1], (Kind::Float, Device::Cpu)).double_value(&[0]);
    (descent, statistics.flat.copy(), next)
}

#[test]
fn cells_computed_twice_give_the_same_gradients() {
    let _alone = alone();
    for (space, method) in
        [("darts", "noisydarts"), ("darts", "fair-darts"), ("nb201", "gdas"), ("mobile", "noisydarts")]
    {
        let full = descend(space, method, Compute::default());
        let lean = descend(space, method, Compute { memory: Memory::Lean, ..Compute::default() });
        let off = [
            difference(&lean.0.loss, &full.0.loss),
            difference(&lean.0.outputs[0], &full.0.outputs[0]),
            difference(&lean.0.gradient, &full.0.gradient),
            difference(&lean.1, &full.1),
        ];
        assert!(off.iter().all(|&off| off <= EQUAL), "{space}, {method}: {off:?}");
        assert_eq!(lean.2.to_bits(), full.2.to_bits(), "{space}, {method}: the next random number");
    }
}

/// bfloat16 has 8 bits of mantissa: a rounding is 0.4 %. The supernet of MobileNetV2-like blocks is measured, since in that
/// of the DARTS space four small pictures' batch norms make far more of each rounding.
#[test]
fn half_the_bits_give_nearly_the_same_gradients() {
    let _alone = alone();
    let full = descend("mobile", "darts", Compute::default()).0;
    for memory in [Memory::Full, Memory::Lean] {
        let half = descend("mobile", "darts", Compute { precision: Precision::Bf16, memory }).0;
        assert_eq!(half.gradient.kind(), Kind::Float);
        assert_eq!(half.outputs[0].kind(), Kind::BFloat16);
        let off = difference(&half.loss, &full.loss);
        assert!(off < 0.01, "the loss is off by {off}");
        let product = half.gradient.dot(&full.gradient).double_value(&[]);
        let cosine = product / (half.gradient.norm() * full.gradient.norm()).double_value(&[]);
        assert!(cosine > 0.99, "cosine of the gradients: {cosine}");
        assert!(difference(&half.gradient, &full.gradient) > 1e-4, "nothing was computed with fewer bits");
    }
}

/// The state after two steps of a training of a cell with drop-path and auxiliary head.
fn trained(memory: Memory) -> State {
    let mut config = config("darts");
    config.memory = memory;
    config.retrain.batch = 4;
    (config.retrain.channels, config.retrain.cells, config.retrain.drop_path) = (4, 3, 0.5);
    config.retrain.auxiliary_weight = 0.0;
    config.retrain.augment = config.search.augment;
    let images = pictures();
    let genotype = models::zoo::by_name("noisydarts-a").unwrap().genotype().unwrap();
    let mut job = Retrain::new(&config, &images, genotype, Device::Cpu).unwrap();
    for step in 0..2 {
        job.step(Position { epoch: 3, step }).unwrap();
    }
    job.state()
}

#[test]
fn trainings_take_less_memory_too() {
    let _alone = alone();
    for ((name, lean), (_, full)) in trained(Memory::Lean).iter().zip(&trained(Memory::Full)) {
        let off = difference(lean, full);
        assert!(off <= EQUAL, "{name}: {off:e}");
    }
}

/// The state after three steps, and how often a value was read on the host in the last two.
fn searched(method: &str, late: bool) -> (State, i64) {
    let mut config = config(method);
    config.search.batch = 2;
    let images = pictures();
    let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
    if late {
        search.read_late();
    }
    let mut step = |step| search.step(Position { epoch: 0, step }).unwrap();
    step(0);
    let reads = kernels::host_reads(|| {
        step(0);
        step(1);
    });
    search.settle().unwrap();
    (search.state(), reads)
}

#[test]
fn a_step_reads_nothing_from_the_device() {
    let _alone = alone();
    for method in ["darts", "noisydarts", "fair-darts", "sdarts-rs"] {
        let (late, reads) = searched(method, true);
        assert_eq!(reads, 0, "{method}");
        for ((name, late), (_, at_once)) in late.iter().zip(&searched(method, false).0) {
            assert_eq!(late, at_once, "{method}: {name}");
        }
    }
}

/// As [`descend`], with these shortcuts left out.
fn descend_without(space: &str, method: &str, left_out: &[Shortcut]) -> [Tensor; 2] {
    let descent = descend_with(space, method, Compute::default(), Shortcuts::without(left_out)).0;
    [descent.outputs[0].shallow_clone(), descent.gradient]
}

#[test]
fn every_shortcut_leads_to_what_the_plain_interpreter_computes() {
    let _alone = alone();
    let all = &Shortcut::ALL;
    for (space, method) in
        [("darts", "noisydarts"), ("darts", "pc-darts"), ("nb201", "gdas"), ("mobile", "darts")]
    {
        let plain = descend_without(space, method, all);
        let others = |one: Shortcut| all.iter().copied().filter(|&other| other != one).collect::<Vec<_>>();
        let each = all.iter().map(|&one| (format!("{one:?}"), others(one)));
        for (name, left_out) in each.chain([("all".into(), vec![])]) {
            let found = descend_without(space, method, &left_out);
            let off = [0, 1].map(|at| difference(&found[at], &plain[at]));
            assert!(off.iter().all(|&off| off <= EQUAL), "{space}, {method}, {name}: {off:?}");
        }
    }
}
