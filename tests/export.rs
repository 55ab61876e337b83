//! Exported files compute their networks: ONNX Runtime and tract against a plain interpreter, batch norms not folded.
//! That the file *is* the network (prost against the network, node by node) is part of every export.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod reference;

use std::path::PathBuf;

use evaluate::ModelFile;
use evaluate::runtimes::{self, RUNTIMES};
use export::{Batch, Options, Target, Weights, lower};
use models::conventions::{self, Macs, Parameters, Term, Terms};
use models::layer::{Activation, BatchNorm, Conv2d, Layer};
use models::memory::Memory;
use models::network::{Builder, Network, NodeId};
use models::onnx::{Account, Assume};
use models::primitive::{OpSpec, PRIMITIVES, Primitive, Style};
use models::shape::Shape;
use models::spaces::mobilenet::MobileNet;
use models::spaces::skeleton::Stem;
use models::zoo;

/// Largest difference of logits, relative to the largest logit. 2e-6 is the most that was seen; one rounding is 6e-8.
const TOLERANCE: f64 = 5e-6;

const RANDOM: Options = Options { batch: Batch::Fixed(1), target: Target::Cpu, allow_random: true };
const MOBILE: Options = Options { target: Target::Mobile, ..RANDOM };

/// Pixels that look like noise, the same on every machine.
fn image(elements: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    (0..elements).map(|_| ((next() + next() + next()) * 2.0 - 3.0) as f32).collect()
}

fn file(name: &str, bytes: &[u8]) -> ModelFile {
    ModelFile {
        path: PathBuf::from(name),
        model: models::onnx::decode(bytes).unwrap(),
        bytes: models::onnx::Bytes::copy_from_slice(bytes),
    }
}

/// The outputs of every runtime that is there, for images `[N, C, H, W]`.
fn run(file: &ModelFile, shape: Vec<usize>, images: &[f32]) -> Vec<(&'static str, Vec<f32>)> {
    let options = runtimes::Options { shape, threads: 1, ..runtimes::Options::default() };
    let mut outputs = Vec::new();
    for runtime in RUNTIMES {
        match runtime.about(&options) {
            Ok(_) => outputs.push((runtime.name(), runtime.load(file, &options).unwrap().run(images).unwrap())),
            Err(error) => eprintln!("without {}: {error}", runtime.name()),
        }
    }
    assert!(!outputs.is_empty());
    outputs
}

/// The largest difference relative to the largest expected value.
fn difference(expected: &[f64], found: &[f32]) -> f64 {
    assert_eq!(expected.len(), found.len());
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let differences = expected.iter().zip(found).map(|(expected, &found)| (expected - f64::from(found)).abs());
    differences.fold(0.0, f64::max) / largest
}

/// Exports with random weights and statistics, in each of these ways, and runs everywhere: the logits are those of the
/// plain interpreter.
fn agrees(network: &Network, ways: &[Options]) {
    let weights = Weights::random(network, 11);
    let image = image(network.input().elements(), 5);
    let expected = reference::logits(&network.inference(), &weights, &image);
    let shape = [vec![1], network.input().dims()].concat();
    for options in ways {
        let model = lower(network, &weights, options).unwrap();
        for (runtime, found) in run(&file(&network.name, model.bytes()), shape.clone(), &image) {
            let difference = difference(&expected, &found);
            assert!(difference < TOLERANCE, "{} on {runtime}: {difference:e}", network.name);
        }
    }
}

/// A stem, what `middle` appends to it, and a head.
fn between(name: &str, middle: impl FnOnce(&mut Builder, NodeId) -> NodeId) -> Network {
    let mut b = Builder::new(name, Shape::map(3, 12, 8));
    let norm = Layer::BatchNorm(BatchNorm::new(true));
    let stem = b.chain("stem", 0, vec![("conv", Layer::Conv2d(Conv2d::same(4, 3, 1))), ("bn", norm)]).unwrap();
    let x = middle(&mut b, stem);
    let head = vec![("pool", Layer::GlobalAvgPool), ("flatten", Layer::Flatten), ("linear", Layer::Linear(5))];
    let logits = b.chain("head", x, head).unwrap();
    b.output("logits", logits);
    b.finish().unwrap()
}

#[test]
fn every_operation_is_computed_as_defined() {
    for primitive in PRIMITIVES.iter().filter(|primitive| primitive.name != "noise") {
        for (stride, style) in
            [(1, Style::Retrain), (2, Style::Retrain), (1, Style::Search), (2, Style::Search)]
        {
            let name = format!("{} at stride {stride}, {style:?}", primitive.name);
            let spec = OpSpec { channels: 4, stride, style };
            agrees(&between(&name, |b, x| primitive.build(b, "op", x, spec).unwrap()), &[RANDOM]);
        }
    }
}

#[test]
fn noise_is_refused_because_no_two_runs_would_agree() {
    let noise = Primitive::by_name("noise").unwrap();
    let spec = OpSpec { channels: 4, stride: 1, style: Style::Retrain };
    let network = between("noise", |b, x| noise.build(b, "op", x, spec).unwrap());
    let error = lower(&network, &Weights::random(&network, 11), &RANDOM).unwrap_err().to_string();
    assert!(error.contains("op.noise") && error.contains("no two runs"), "{error}");
}

#[test]
fn every_nonlinearity_is_computed_as_defined() {
    use Activation::{HardSigmoid, HardSwish, Relu, Relu6, Sigmoid, Swish};
    for activation in [Relu, Relu6, Swish, HardSwish, Sigmoid, HardSigmoid] {
        let layer = Layer::Activation(activation);
        let network = between(&format!("{activation:?}"), |b, x| b.push("act", layer, &[x]).unwrap());
        agrees(&network, &[RANDOM, MOBILE]);
    }
}

#[test]
fn batch_norms_fold_exactly_or_stay() {
    let norm = || Layer::BatchNorm(BatchNorm::new(true));
    let conv = |out| Layer::Conv2d(Conv2d::same(out, 3, 1));
    let stays = |network: &Network| {
        agrees(network, &[RANDOM]);
        let weights = Weights::random(network, 1);
        let model = lower(network, &weights, &RANDOM).unwrap();
        let model = models::onnx::decode(model.bytes()).unwrap();
        model.graph.nodes.iter().filter(|node| node.op_type == "Mul").count()
    };
    let twice = between("conv, bn, bn", |b, x| {
        b.chain("a", x, vec![("c", conv(4)), ("n", norm()), ("m", norm())]).unwrap()
    });
    assert_eq!(stays(&twice), 0);
    let joined = between("nested concatenations", |b, x| {
        let [one, two, three] = [1, 2, 3].map(|out| b.push(format!("c{out}"), conv(out), &[x]).unwrap());
        let two = b.push("n2", norm(), &[two]).unwrap();
        let inner = b.push("inner", Layer::Concat, &[two, three]).unwrap();
        let outer = b.push("outer", Layer::Concat, &[one, inner]).unwrap();
        b.push("n", norm(), &[outer]).unwrap()
    });
    assert_eq!(stays(&joined), 0);
    let half_shared = between("a concatenation of which one part is read elsewhere", |b, x| {
        let [one, two] = [1, 2].map(|nth| b.push(format!("c{nth}"), conv(4), &[x]).unwrap());
        let both = b.push("both", Layer::Concat, &[one, two]).unwrap();
        let normed = b.push("n", norm(), &[both]).unwrap();
        b.push("outer", Layer::Concat, &[normed, two]).unwrap()
    });
    assert_eq!(stays(&half_shared), 1);
    let twins = between("one part twice", |b, x| {
        let one = b.push("c", conv(4), &[x]).unwrap();
        let both = b.push("both", Layer::Concat, &[one, one]).unwrap();
        b.push("n", norm(), &[both]).unwrap()
    });
    assert_eq!(stays(&twins), 1);
    let shared = between("a convolution read twice", |b, x| {
        let one = b.push("c", conv(4), &[x]).unwrap();
        let normed = b.push("n", norm(), &[one]).unwrap();
        b.push("sum", Layer::Add, &[one, normed, x]).unwrap()
    });
    assert_eq!(stays(&shared), 1);
    let mut b = Builder::new("vectors", Shape::map(3, 4, 4));
    let parts = vec![("flatten", Layer::Flatten), ("n", norm()), ("linear", Layer::Linear(4)), ("m", norm())];
    let logits = b.chain("v", 0, parts).unwrap();
    b.output("logits", logits);
    assert_eq!(stays(&b.finish().unwrap()), 1);
}

/// Cell networks of a size that a plain interpreter can run.
fn small_cells(stem: Stem, size: usize) -> zoo::Options {
    let (channels, cells, classes) = (Some(4), Some(4), Some(10));
    zoo::Options { stem, channels, cells, classes, size: Some([size; 2]), auxiliary: false }
}

#[test]
fn every_cell_of_the_zoo_is_computed_as_defined() {
    for entry in zoo::ENTRIES.iter().filter(|entry| entry.genotype().is_ok()) {
        agrees(&entry.network(&small_cells(Stem::Cifar, 16)).unwrap(), &[RANDOM]);
    }
    agrees(&zoo::network("pc-darts-imagenet", &small_cells(Stem::ImageNet, 64)).unwrap(), &[RANDOM]);
    let auxiliary = zoo::Options { auxiliary: true, ..small_cells(Stem::Cifar, 32) };
    agrees(&zoo::network("noisydarts-a", &auxiliary).unwrap(), &[RANDOM]);
}

#[test]
fn every_mobile_network_of_the_zoo_is_computed_as_defined() {
    let options = zoo::Options { size: Some([32, 32]), classes: Some(10), ..zoo::Options::default() };
    for entry in zoo::ENTRIES.iter().filter(|entry| entry.genotype().is_err()) {
        agrees(&entry.network(&options).unwrap(), &[RANDOM, MOBILE]);
    }
}

/// What a network is said to cost is what is in its file.
#[test]
fn counts_of_networks_are_those_of_their_files() {
    let mobile = zoo::Options { size: Some([32, 32]), ..zoo::Options::default() };
    for entry in zoo::ENTRIES {
        let options = if entry.genotype().is_ok() { small_cells(Stem::Cifar, 16) } else { mobile };
        let network = entry.network(&options).unwrap();
        let account = account(&network, &RANDOM);
        let counted = (Macs::of(&network).conv_linear, Parameters::of(&network).deployed);
        assert_eq!((account.macs, account.params), counted, "{}", entry.name);
    }
}

/// A mobile network of the zoo on small pictures and with a quarter of its channels, so that it is exported in no time.
fn narrow(name: &str) -> Option<Network> {
    match zoo::Definition::of_zoo(name).unwrap() {
        zoo::Definition::Mobile(mobile) => {
            let narrow = MobileNet { size: [64, 64], ..mobile.scaled(0.25) };
            Some(narrow.network(name).unwrap())
        }
        zoo::Definition::Cells(_) => None,
    }
}

/// What conventions count in a file is what they count in its network, but for batch norms, which are folded into biases.
#[test]
fn terms_of_mobile_networks_are_those_of_their_files() {
    let unfolded = |terms: &Terms| {
        Term::ALL.map(|term| match term {
            Term::Bias | Term::BatchNorm => 0,
            term => terms[term],
        })
    };
    for network in zoo::ENTRIES.iter().filter_map(|entry| narrow(entry.name)) {
        let expected: Terms = conventions::per_node(&network.inference()).into_iter().sum();
        for options in [RANDOM, MOBILE] {
            let terms = account(&network, &options).nodes.iter().map(|node| node.terms).sum();
            assert_eq!(unfolded(&terms), unfolded(&expected), "{} for {:?}", network.name, options.target);
            assert_eq!(terms[Term::BatchNorm], 0);
        }
    }
}

/// Where each layer is one operator, the memory of a file is that of its network.
#[test]
fn memory_of_networks_is_that_of_their_files() {
    for name in ["noisydarts-mobile-a", "mobilenet-v2", "mnasnet-b1", "fairnas-c"] {
        let network = narrow(name).unwrap();
        assert_eq!(account(&network, &RANDOM).memory, Memory::of(&network), "{name}");
    }
}

/// What is counted in the file of a network.
fn account(network: &Network, options: &Options) -> Account {
    let model = lower(network, &Weights::random(network, 1), options).unwrap();
    models::onnx::decode(model.bytes()).unwrap().account(&Assume::default()).unwrap()
}

fn small() -> Network {
    let options =
        zoo::Options { channels: Some(4), cells: Some(3), size: Some([16, 16]), ..zoo::Options::default() };
    zoo::network("noisydarts-a", &options).unwrap()
}

#[test]
fn a_batch_gives_what_its_images_give() {
    let network = small();
    let weights = Weights::random(&network, 2);
    let images = image(3 * network.input().elements(), 9);
    let single = images.chunks_exact(network.input().elements());
    let expected: Vec<f64> =
        single.flat_map(|image| reference::logits(&network.inference(), &weights, image)).collect();
    for batch in [Batch::Fixed(3), Batch::Dynamic] {
        let model = lower(&network, &weights, &Options { batch, ..RANDOM }).unwrap();
        for (runtime, found) in run(&file("batch", model.bytes()), vec![3, 3, 16, 16], &images) {
            assert!(difference(&expected, &found) < TOLERANCE, "{batch} on {runtime}");
        }
    }
}

#[test]
fn equal_input_gives_equal_bytes_on_any_thread() {
    let network = small();
    let bytes = || lower(&network, &Weights::random(&network, 4), &RANDOM).unwrap().bytes().to_vec();
    let first = bytes();
    let others: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(bytes)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(others.iter().all(|bytes| *bytes == first));
}

#[test]
fn random_weights_tell_images_apart() {
    for (name, size) in [("noisydarts-a", 32), ("efficientnet-b0", 64)] {
        let options = zoo::Options { size: Some([size; 2]), ..zoo::Options::default() };
        let options = if name == "noisydarts-a" {
            zoo::Options { channels: Some(8), cells: Some(8), ..options }
        } else {
            options
        };
        let network = zoo::network(name, &options).unwrap();
        let model = lower(&network, &Weights::random(&network, 3), &RANDOM).unwrap();
        let file = file(name, model.bytes());
        let shape = [vec![1], network.input().dims()].concat();
        let [one, other] =
            [1, 2].map(|seed| run(&file, shape.clone(), &image(network.input().elements(), seed)).remove(0).1);
        let one: Vec<f64> = one.into_iter().map(f64::from).collect();
        assert!(difference(&one, &other) > 0.05, "{name}");
    }
}

#[test]
fn the_file_holds_nothing_superfluous() {
    let network = small();
    let model = lower(&network, &Weights::random(&network, 4), &RANDOM).unwrap();
    let model = models::onnx::decode(model.bytes()).unwrap();
    let allowed = ["Add", "Concat", "Conv", "Gemm", "GlobalAveragePool", "MaxPool", "Relu", "Reshape", "Slice"];
    let ops: Vec<&str> = model.graph.histogram().into_keys().collect();
    assert_eq!(ops, allowed, "no BatchNormalization, no Identity, no Constant");
    assert_eq!(model.account(&models::onnx::Assume::default()).unwrap().unused, 0);
}

#[test]
fn a_shuffle_is_refused_by_its_path() {
    let mut b = Builder::new("shuffled", Shape::map(6, 4, 4));
    let shuffled = b.push("edge.shuffle", Layer::Shuffle { groups: 3 }, &[b.input()]).unwrap();
    b.output("logits", shuffled);
    let network = b.finish().unwrap();
    let error = lower(&network, &Weights::random(&network, 0), &RANDOM).unwrap_err().to_string();
    assert!(error.contains("edge.shuffle") && error.contains("genotype"), "{error}");
}

#[test]
fn a_supernet_is_refused_by_the_path_of_its_choice() {
    use models::spaces::{SearchSpace as _, SpaceOptions, darts::Darts, skeleton::Skeleton};
    let skeleton = Skeleton { channels: 4, cells: 3, auxiliary: false, ..Skeleton::cifar(10) };
    let supernet = Darts.supernet(&skeleton, SpaceOptions::default()).unwrap();
    let error = lower(&supernet, &Weights::random(&supernet, 0), &RANDOM).unwrap_err().to_string();
    assert!(error.starts_with("export cells.0.edges.2_0.mix: a choice among 7 operations"), "{error}");
}
