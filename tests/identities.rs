//! What must hold whatever the weights are: a search without noise is DARTS, an edge's alphas have one degree of freedom too
//! many, one-hot alphas are a genotype, candidates that are not asked for cost nothing.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;

use models::genotype::{CellGenotype, Edge, Genotype};
use models::layer::Mix;
use models::network::Table;
use models::spaces::darts::Darts;
use models::zoo;
use search::config::Config;
use search::data::Images;
use search::engine::{Engine, Job as _};
use search::interrupt::Interrupt;
use search::methods::{self, Pass, Scope};
use search::net::{Mixing, Mode, flat_gradient};
use search::run_folder::RunFolder;
use search::search::Search;
use tch::{Device, Kind, Tensor, no_grad};

use crate::supernet::{BEGINNING, Subject, alone, config, numbers, pictures, supernet, training_batch};

/// Two epochs of two steps on a part of the embedded pictures.
pub(crate) fn tiny(method: &str, sigma: f64) -> Config {
    let mut config = Config::preset("toy").unwrap();
    (config.method, config.noise.sigma, config.noise.scope) = (method.into(), sigma, Scope::All);
    (config.search.channels, config.search.batch, config.search.epochs) = (2, 8, 2);
    (config.data.train_images, config.data.test_images) = (32, 10);
    config
}

/// The bytes of all that a search leaves: its state and its records.
pub(crate) fn searched(config: &Config, images: &Images) -> Vec<u8> {
    let root = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(root.path(), config, &[]).unwrap();
    let mut search = Search::new(config, images, Device::Cpu).unwrap();
    let interrupt = Interrupt::default();
    Engine { folder: &folder, interrupt: &interrupt, checkpoint_steps: 100, report_steps: 100, quiet: true }
        .run(&mut search)
        .unwrap();
    let mut bytes = Vec::new();
    for (name, tensor) in search.state() {
        let values: Vec<f64> = Vec::try_from(tensor.to_kind(Kind::Double).reshape([-1])).unwrap();
        bytes.extend(name.bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
        .extend(["alphas.jsonl", "genotype.json"].iter().flat_map(|name| fs::read(folder.path(name)).unwrap()));
    bytes
}

#[test]
fn without_noise_the_search_is_darts_bit_for_bit() {
    let _alone = alone();
    let darts = tiny("darts", 0.2);
    let images = Images::load(&darts).unwrap();
    let expected = searched(&darts, &images);
    assert!(searched(&tiny("noisydarts", 0.0), &images) == expected);
    assert!(searched(&tiny("noisydarts", 0.2), &images) != expected);
}

#[test]
fn there_is_no_noise_outside_of_training() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let images = training_batch().images;
    let noisy = methods::by_name("noisydarts", &config("noisydarts")).unwrap();
    let logits = |method: &dyn methods::Method, train| {
        let view = subject.architecture.view(&Darts, &subject.net.network.tables);
        let pass = Pass::new(method, &view, BEGINNING);
        let mode = Mode { train, drop_path: 0.0, mixing: Some(&pass) };
        no_grad(|| subject.net.logits(&subject.weights, &subject.statistics, &images, mode))
    };
    assert_eq!(logits(noisy.as_ref(), false), logits(subject.method.as_ref(), false));
    assert_ne!(logits(noisy.as_ref(), true), logits(subject.method.as_ref(), true));
}

/// Softmax does not change when a number is added to all alphas of an edge, so neither does the loss.
#[test]
fn gradients_of_an_edges_alphas_sum_to_zero() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let batch = training_batch();
    let loss = subject.logits(&batch.images, true).cross_entropy_for_logits(&batch.labels);
    let [alphas, _] = subject.gradients(&loss);
    let alphas = alphas.view([28, 7]);
    let sums = alphas.sum_dim_intlist([1_i64].as_slice(), false, Kind::Double).abs();
    // Seven roundings of 6e-8 each, relative to the edge's own gradients.
    let bound = alphas.abs().amax([1_i64].as_slice(), false) * 1e-6;
    assert_eq!(sums.le_tensor(&bound).all().int64_value(&[]), 1, "{sums} {bound}");
}

/// Alphas that are one-hot on the edges of a cell, the first edge of each node before the second.
fn one_hot(table: &Table, cell: &CellGenotype) -> Vec<f32> {
    let alpha = |row: &models::network::Row, op: &String| {
        let here = |edge: &&Edge| format!("{}_{}", edge.node, edge.from) == row.edge && edge.op == *op;
        let first = |edge: &Edge| cell.edges.iter().find(|other| other.node == edge.node) == Some(edge);
        cell.edges.iter().find(here).map_or(0.0, |edge| if first(edge) { 9.0 } else { 7.0 })
    };
    table.rows.iter().flat_map(|row| row.ops.iter().map(|op| alpha(row, op))).collect()
}

/// Whether this space and its rule of derivation have it: every node concatenated, two different predecessors each.
fn is_derivable(cell: &CellGenotype) -> bool {
    let ops = cell.edges.iter().all(|edge| models::spaces::darts::OPS.contains(&edge.op.as_str()));
    let pairs = (2..6).all(|node| {
        let from: Vec<usize> =
            cell.edges.iter().filter(|edge| edge.node == node).map(|edge| edge.from).collect();
        from.len() == 2 && from[0] != from[1]
    });
    let ordered = cell.edges.is_sorted_by_key(|edge| edge.node);
    ops && pairs && ordered && cell.concat == [2, 3, 4, 5]
}

#[test]
fn one_hot_alphas_are_derived_to_their_genotype() {
    let _alone = alone();
    let (config, images) = (config("darts"), pictures());
    let search = Search::new(&config, &images, Device::Cpu).unwrap();
    let tables = &search.network().tables;
    let genotypes = zoo::ENTRIES.iter().filter_map(|entry| entry.genotype().ok());
    let derivable: Vec<Genotype> =
        genotypes.filter(|genotype| genotype.cells().all(|(_, cell)| is_derivable(cell))).collect();
    assert!(derivable.len() > 25, "{} of the zoo's", derivable.len());
    for genotype in derivable {
        let alphas =
            [one_hot(&tables[0], &genotype.normal), one_hot(&tables[1], genotype.reduce.as_ref().unwrap())]
                .concat();
        let mut flat = search.architecture.alphas.flat.shallow_clone();
        no_grad(|| flat.copy_(&Tensor::from_slice(&alphas)));
        let derived = search.genotype();
        assert_eq!((derived.normal, derived.reduce), (genotype.normal, genotype.reduce));
    }
}

/// One candidate per edge, a different one from edge to edge: asked for alone, or along with others of weight 0.
struct OneHot {
    alone: bool,
}

impl OneHot {
    const fn chosen(mix: &Mix) -> usize {
        (mix.row + 3 * mix.table) % 7
    }
}

impl Mixing for OneHot {
    fn weight(&self, mix: &Mix, k: usize) -> Tensor {
        Tensor::from(f32::from(u8::from(Self::chosen(mix) == k)))
    }

    fn is_active(&self, mix: &Mix, k: usize) -> bool {
        !self.alone || Self::chosen(mix) == k
    }
}

#[test]
fn a_candidate_asked_for_alone_gives_what_it_gives_among_others_of_weight_zero() {
    let _alone = alone();
    let batch = training_batch();
    let results = [true, false].map(|alone| {
        let subject = Subject::new(supernet(false));
        let mixing = OneHot { alone };
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&mixing) };
        let logits = subject.net.logits(&subject.weights, &subject.statistics, &batch.images, mode);
        let loss = logits.cross_entropy_for_logits(&batch.labels);
        (numbers(&logits), numbers(&flat_gradient(&loss, &subject.weights.views)))
    });
    let [(logits, gradient), (expected, expected_gradient)] = results;
    assert_eq!(logits, expected);
    let difference = crate::golden::difference(&gradient, &expected_gradient);
    assert!(difference < 1e-6, "{difference:e}");
}

#[test]
fn what_is_not_asked_for_is_not_computed() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let batch = training_batch();
    let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&OneHot { alone: true }) };
    let before = numbers(&subject.statistics.flat);
    let logits = subject.net.logits(&subject.weights, &subject.statistics, &batch.images, mode);
    assert!(logits.isfinite().all().int64_value(&[]) == 1);
    // Every batch norm that ran has moved its mean.
    let after = numbers(&subject.statistics.flat);
    let moved = |path: &str| {
        let slot = subject.net.layout.statistics.iter().find(|slot| slot.name == path).unwrap();
        let range = slot.range.start as usize..slot.range.end as usize;
        before[range.clone()] != after[range]
    };
    // Row 0 of the normal cell chooses operation 0, row 1 operation 1.
    assert!(moved("cells.0.edges.2_0.max_pool_3x3.bn.running_mean"));
    assert!(moved("cells.0.edges.2_1.avg_pool_3x3.bn.running_mean"));
    assert!(!moved("cells.0.edges.2_0.avg_pool_3x3.bn.running_mean"));
    assert!(!moved("cells.0.edges.2_0.sep_conv_3x3.bn1.running_mean"));
}
