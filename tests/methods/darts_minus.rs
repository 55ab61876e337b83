//! DARTS-: an auxiliary skip connection that fades away, which is not searched and not derived.

use models::network::Network;
use models::spaces::darts::Darts;
use models::spaces::nb201::NasBench201;
use models::spaces::skeleton::{Skeleton, Stem};
use models::spaces::{SearchSpace, SpaceOptions};
use search::architecture::{ArchitectureParameters, probabilities};
use search::methods::{Method, Moment, Pass, Phase, by_name};
use search::net::{Mode, Net, Statistics, Weights, part};
use search::random::Seed;
use tch::{Device, Kind, Tensor, no_grad};

use crate::supernet::{Subject, alone, config, numbers, supernet, training_batch};

const AUXILIARY: &str = "auxiliary_skip";

fn method() -> Box<dyn Method> {
    by_name("darts-", &config("darts-")).unwrap()
}

fn at(epoch: usize) -> Moment {
    Moment { epoch, epochs: 50, phase: Phase::Weights }
}

/// The prepared supernet at the values of an ordinary one; what that lacks is random.
struct Prepared {
    net: Net,
    weights: Weights,
    architecture: ArchitectureParameters,
}

fn prepared(darts: &Subject) -> Prepared {
    let net = Net::new(method().prepare(supernet(false)).unwrap());
    let weights = Weights::initial(&net.layout, Seed(0), Device::Cpu);
    let config = config("darts-");
    let tables = &net.network.tables;
    let architecture =
        ArchitectureParameters::initial(tables, method().as_ref(), &config.search, Seed(0), Device::Cpu);
    no_grad(|| {
        for slot in &net.layout.weights {
            let same = darts.net.layout.weights.iter().find(|own| own.name == slot.name);
            if let Some(own) = same {
                part(&weights.flat, slot).copy_(&part(&darts.weights.flat, own));
            }
        }
        for (row, own) in architecture.alphas.views.iter().zip(&darts.architecture.alphas.views) {
            row.narrow(0, 0, 7).copy_(own);
        }
    });
    Prepared { net, weights, architecture }
}

impl Prepared {
    fn logits(&self, epoch: usize) -> Tensor {
        let method = method();
        let view = self.architecture.view(&Darts, &self.net.network.tables);
        let pass = Pass::new(method.as_ref(), &view, at(epoch));
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let statistics = Statistics::initial(&self.net.layout, Device::Cpu);
        self.net.logits(&self.weights, &statistics, &training_batch().images, mode)
    }
}

#[test]
fn without_its_weight_it_is_darts() {
    let _alone = alone();
    let darts = Subject::new(supernet(false));
    let prepared = prepared(&darts);
    let expected = numbers(&darts.logits(&training_batch().images, true));
    let [first, last] = [0, 50].map(|epoch| numbers(&prepared.logits(epoch)));
    let difference =
        |found: &[f32]| found.iter().zip(&expected).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
    assert!(difference(&last) < 1e-6, "at weight 0 the logits differ by {}", difference(&last));
    assert!(difference(&first) > 1e-2, "at weight 1 they are the same");
}

#[test]
fn its_weight_falls_from_one_to_zero_beside_a_softmax_and_takes_no_gradient() {
    let _alone = alone();
    let tables = method().prepare(supernet(false)).unwrap().tables;
    let alphas: Vec<Tensor> =
        (0..28).map(|_| Tensor::randn([8], (Kind::Double, Device::Cpu)).set_requires_grad(true)).collect();
    let view = search::methods::View { space: &Darts, tables: &tables, alphas: &alphas, extras: &[] };
    for (epoch, beta) in [(0, 1.0), (10, 0.8), (49, 0.02)] {
        for weighing in method().mix(&view, at(epoch)) {
            let weights = weighing.stacked();
            assert!((weights.double_value(&[7]) - beta).abs() < 1e-7);
            assert!((weights.narrow(0, 0, 7).sum(Kind::Double).double_value(&[]) - 1.0).abs() < 1e-12);
        }
    }
    let mixed = method().mix(&view, at(10));
    let loss = (mixed[0].stacked() * Tensor::arange(8, (Kind::Double, Device::Cpu))).sum(Kind::Double);
    let gradient = &Tensor::run_backward(&[&loss], &alphas[..1], false, false)[0];
    assert_eq!(gradient.double_value(&[7]).to_bits() << 1, 0, "{gradient:?}");
    assert!(gradient.narrow(0, 0, 7).abs().min().double_value(&[]) > 0.0);
    assert!(gradient.sum(Kind::Double).double_value(&[]).abs() < 1e-12, "softmax is invariant");
}

/// Eight edges of a reduction cell have stride 2; a factorized reduction of C channels has C² weights.
#[test]
fn strided_ones_have_weights_of_their_own() {
    let plain = Net::new(supernet(false)).layout.weight_count();
    let prepared = Net::new(method().prepare(supernet(false)).unwrap());
    // The reduction cells of the tiny supernet have 8 and 16 channels.
    assert_eq!(prepared.layout.weight_count() - plain, 8 * (8 * 8 + 16 * 16));
}

fn never_derived(space: &'static dyn SearchSpace, network: Network) {
    let tables = &network.tables;
    assert!(tables.iter().flat_map(|table| &table.rows).all(|row| row.ops.last().unwrap() == AUXILIARY));
    let config = config("darts-");
    let architecture =
        ArchitectureParameters::initial(tables, method().as_ref(), &config.search, Seed(3), Device::Cpu);
    no_grad(|| architecture.alphas.views.iter().for_each(|row| drop(row.get(row.size()[0] - 1).fill_(9.0))));
    let view = architecture.view(space, tables);
    let numbers = probabilities(method().as_ref(), &view, at(0));
    let genotype = method().derive(&view, &numbers);
    assert!(!genotype.to_string().contains(AUXILIARY), "{genotype}");
    assert_eq!(models::genotype::Genotype::parse(&genotype.to_string()).unwrap(), genotype);
}

#[test]
fn it_is_in_every_row_and_in_no_genotype() {
    let _alone = alone();
    never_derived(&Darts, method().prepare(supernet(true)).unwrap());
    let skeleton =
        Skeleton { stem: Stem::Cifar, channels: 4, cells: 1, classes: 10, size: [16; 2], auxiliary: false };
    let nb201 = NasBench201.supernet(&skeleton, SpaceOptions::default()).unwrap();
    let prepared = method().prepare(nb201.clone()).unwrap();
    let counts = [nb201, prepared.clone()].map(|network| Net::new(network).layout.weight_count());
    assert_eq!(counts[0], counts[1], "identities alone");
    never_derived(&NasBench201, prepared);
}
