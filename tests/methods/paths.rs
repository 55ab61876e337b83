//! Searches whose weight steps train single random paths: RSPS and SETN, and random sampling, which trains nothing.

use std::collections::BTreeMap;

use models::genotype::Genotype;
use models::spaces::darts::Darts;
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::checkpoint::Position;
use search::data::plain_batch;
use search::engine::Job as _;
use search::finder::{one_hot, sampled, uniform};
use search::methods::{Pass, Phase, View, Weighing};
use search::net::Mode;
use search::random::{Purpose, Seed};
use search::run_folder::RunFolder;
use search::search::Search;
use tch::{Device, Tensor, no_grad};

use super::double::{Double, evaluated, method, moment};
use crate::supernet::{alone, config, numbers, pictures};
use crate::support::run;
use crate::tiny::folder_of;

/// The places of the operations that a pass evaluates, by row.
fn chosen(subject: &Double, name: &str, phase: Phase) -> Vec<Option<usize>> {
    let method = method(name);
    let pass = Pass::new(method.as_ref(), &subject.view(), moment(phase));
    pass.rows().map(|row| row.active.iter().position(|&on| on)).collect()
}

#[test]
fn a_weight_step_trains_one_genotype_of_the_space() {
    let _alone = alone();
    let subject = Double::new();
    for name in ["rsps", "setn"] {
        let ops = evaluated(&subject, method(name).as_ref(), Phase::Weights);
        // Two cells of four nodes with two inputs each.
        assert_eq!(ops, [1; 16], "{name}");
    }
}

#[test]
fn paths_are_drawn_uniformly() {
    let _alone = alone();
    let subject = Double::new();
    let draws = 2000;
    for name in ["rsps", "setn"] {
        let mut counts = BTreeMap::new();
        for _ in 0..draws {
            for (row, op) in chosen(&subject, name, Phase::Weights).into_iter().enumerate() {
                *counts.entry((row, op)).or_insert(0) += 1;
            }
        }
        for (row, inputs) in [(0, 2.0), (2, 3.0), (5, 4.0), (9, 5.0), (14, 2.0), (27, 5.0)] {
            for op in 0..7 {
                let share = 2.0 / inputs / 7.0;
                let found = f64::from(counts[&(row, Some(op))]);
                let deviation = (f64::from(draws) * share * (1.0 - share)).sqrt();
                // Five standard deviations of the binomial distribution.
                assert!(
                    (found - f64::from(draws) * share).abs() < 5.0 * deviation,
                    "{name} {row} {op}: {found}"
                );
            }
        }
    }
}

#[test]
fn architecture_steps_of_setn_weigh_all_candidates_by_their_softmax() {
    let _alone = alone();
    let subject = Double::new();
    let setn = method("setn");
    let pass = Pass::new(setn.as_ref(), &subject.view(), moment(Phase::Alphas));
    for (row, alpha) in pass.rows().zip(&subject.alphas) {
        let powers = alpha.exp();
        let expected = &powers / powers.sum(tch::Kind::Double);
        assert!((row.stacked() - expected).abs().max().double_value(&[]) < 1e-15);
        assert!(row.active.iter().all(|&on| on));
    }
}

#[test]
fn rsps_trains_weights_alone() {
    let _alone = alone();
    let (config, images) = (config("rsps"), pictures());
    let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
    let before = [&search.architecture.alphas.flat, &search.weights.flat].map(Tensor::copy);
    for epoch in 0..2 {
        search.step(Position { epoch, step: 0 }).unwrap();
    }
    assert_eq!(search.architecture.alphas.flat, before[0]);
    assert_ne!(search.weights.flat, before[1]);
}

/// The share of the four validation pictures that a genotype's path classifies correctly, in batch statistics.
fn accuracy(search: &Search<'_>, genotype: &Genotype) -> f64 {
    let images = pictures();
    let batch = plain_batch(&images.train, &images.input, 4..8, Device::Cpu);
    let darts = search::methods::by_name("darts", &config("darts")).unwrap();
    let view = search.view();
    let rows = one_hot(view.tables, genotype);
    let path = rows.iter().flatten().map(|row| Weighing::chosen(row, &batch.images)).collect();
    let pass = Pass::with(darts.as_ref(), &view, moment(Phase::Weights), path);
    let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
    let statistics = search.statistics.copy(&search.net.layout);
    let logits = no_grad(|| search.net.logits(&search.weights, &statistics, &batch.images, mode));
    let correct = logits.argmax(-1, false).eq_tensor(&batch.labels).sum(tch::Kind::Double);
    correct.double_value(&[]) / 4.0
}

/// What the search takes of 30 genotypes, and these.
fn selected(
    name: &str,
    candidate: impl Fn(&Search<'_>, u64) -> Genotype,
) -> (Genotype, f64, Vec<(Genotype, f64)>) {
    let images = pictures();
    let mut config = config(name);
    (config.rsps.candidates, config.rsps.batches, config.setn.candidates) = (30, 1, 30);
    let root = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(root.path(), &config, &[]).unwrap();
    let search = Search::new(&config, &images, Device::Cpu).unwrap();
    let result = search.result(&folder).unwrap();
    let scored = (0..30).map(|nth| {
        let genotype = candidate(&search, nth);
        let accuracy = accuracy(&search, &genotype);
        (genotype, accuracy)
    });
    let scored = scored.collect();
    let own = accuracy(&search, &result);
    (result, own, scored)
}

#[track_caller]
fn assert_best((result, accuracy, scored): &(Genotype, f64, Vec<(Genotype, f64)>)) {
    let most = scored.iter().map(|pair| pair.1).fold(0.0, f64::max);
    assert!((accuracy - most).abs() < 1e-12, "{accuracy} of at most {most}");
    assert!(scored.iter().any(|pair| pair.0 == *result));
    assert!(scored.iter().any(|pair| pair.1 < most), "they differ: the choice means something");
}

#[test]
fn the_best_of_the_drawn_genotypes_is_taken() {
    let _alone = alone();
    let seed = Seed(config("rsps").seed);
    assert_best(&selected("rsps", |search, nth| {
        let mut draws = seed.stream(Purpose::Genotype, nth);
        uniform(&Darts, search.view().tables, &mut || draws.unit())
    }));
    assert_best(&selected("setn", |search, nth| {
        let View { tables, alphas, .. } = search.view();
        let mut rows = alphas.iter().map(|alpha| {
            let alpha = numbers(alpha).into_iter().map(f64::from);
            let powers: Vec<f64> = alpha.map(f64::exp).collect();
            powers.iter().map(|power| power / powers.iter().sum::<f64>()).collect()
        });
        let probabilities = tables.iter().map(|table| rows.by_ref().take(table.rows.len()).collect()).collect();
        sampled(&Darts, tables, &probabilities, &mut seed.stream(Purpose::Genotype, nth))
    }));
}

#[test]
fn genotypes_are_sampled_with_their_probabilities() {
    let space = models::spaces::by_name("nb201").unwrap();
    let tables = space.tables(&Darts.published(models::spaces::skeleton::Stem::Cifar), SpaceOptions::default());
    let shares = [0.4, 0.3, 0.2, 0.1, 0.0];
    let mut counts = [0_u32; 5];
    let mut draws = Seed(1).stream(Purpose::Genotype, 0);
    for _ in 0..10_000 {
        let genotype = sampled(space, &tables, &vec![vec![shares.to_vec(); 6]], &mut draws);
        let op = &genotype.normal.edges[3].op;
        counts[tables[0].rows[3].ops.iter().position(|name| name == op).unwrap()] += 1;
    }
    for (share, count) in shares.iter().zip(counts) {
        let deviation = (10_000.0 * share * (1.0 - share)).sqrt();
        assert!((f64::from(count) - 10_000.0 * share).abs() <= 5.0 * deviation, "{counts:?}");
    }
}

#[test]
fn random_search_trains_nothing_and_gives_the_seeds_genotype() {
    let folder = folder_of("noisydarts-search run --method random --seed 3 --out found");
    let root = folder.path();
    let read = |name: &str| std::fs::read_to_string(root.join("found").join(name)).unwrap();
    let sample = run(root, "noisydarts-search sample --seed 3");
    assert_eq!(read("genotype.json"), sample.data());
    assert!(read("report.html").contains("</html>"));
    assert_eq!(read("alphas.jsonl").lines().count(), 1, "the start alone");
    let (config, images) = (config("random"), pictures());
    assert_eq!(Search::new(&config, &images, Device::Cpu).unwrap().epochs(), 0);
}

#[test]
fn a_selection_of_nothing_is_refused() {
    for (name, key) in [
        ("rsps", "rsps.candidates"),
        ("rsps", "rsps.batches"),
        ("rsps", "rsps.finalists"),
        ("setn", "setn.candidates"),
    ] {
        let mut layers = search::config::Layers::preset_for("toy", "darts", name).unwrap();
        layers.assign(&format!("{key}=0")).unwrap();
        let error = search::methods::by_name(name, &layers.resolve().unwrap()).map(drop).unwrap_err();
        assert!(error.to_string().contains(key) && error.is_users(), "{error}");
    }
}

#[test]
fn rsps_is_published_with_other_numbers_on_nas_bench_201() {
    let of = |space| search::config::Layers::preset_for("paper", space, "rsps").unwrap().resolve().unwrap();
    assert_eq!(
        [of("darts"), of("nb201")].map(|config| (config.search.epochs, config.rsps.candidates)),
        [(50, 1000), (250, 100)]
    );
}
