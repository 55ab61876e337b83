//! `RobustDARTS` in the whole loop: a search that goes back goes on from exactly where it was.

use std::collections::HashMap;
use std::ops::Range;

use search::checkpoint::{Checkpoint, Position, State};
use search::config::{Config, Layers};
use search::data::Images;
use search::engine::{Engine, Job as _};
use search::interrupt::Interrupt;
use search::run_folder::RunFolder;
use search::search::Search;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::identities::{searched, tiny};
use crate::supernet::alone;

/// A rule that fires wherever it may: after epoch 2 for epoch 0, and so on.
fn restless(method: &str, epochs: usize, cap: f64) -> Config {
    let mut config = tiny(method, 0.2);
    config.search.epochs = epochs;
    (config.robust.window, config.robust.start, config.robust.delta) = (1, 0, 1);
    (config.robust.factor, config.robust.cap) = (0.0, cap);
    config
}

/// A run as far as it goes.
struct Ran {
    state: State,
    folder: RunFolder,
    genotype: String,
    _root: tempfile::TempDir,
}

impl Ran {
    fn new(config: &Config) -> Self {
        let images = Images::load(config).unwrap();
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(root.path(), config, &[]).unwrap();
        let mut search = Search::new(config, &images, Device::Cpu).unwrap();
        let interrupt = Interrupt::default();
        Engine { folder: &folder, interrupt: &interrupt, checkpoint_steps: 1, report_steps: 1, quiet: true }
            .run(&mut search)
            .unwrap();
        let genotype = search.result(&folder).unwrap().to_string();
        Self { state: search.state(), folder, genotype, _root: root }
    }

    /// The ends of epochs.
    fn epochs(&self) -> Vec<Value> {
        let lines = self.folder.lines("metrics.jsonl").unwrap().into_iter();
        lines.filter(|line| line["step"] == 0).collect()
    }

    /// From where it went back, where to, and the weight decay from then on.
    fn ways(&self) -> Vec<(u64, u64, f64)> {
        let noted = self.folder.lines("rollbacks.jsonl").unwrap();
        let number = |line: &Value, key: &str| line[key].as_u64().unwrap();
        let way =
            |line: &Value| (number(line, "from"), number(line, "to"), line["weight_decay"].as_f64().unwrap());
        noted.iter().map(way).collect()
    }
}

/// What a step changes, as numbers by name.
fn trained(state: State) -> Vec<(String, Vec<f64>)> {
    let counts = |name: &str| ["weights", "statistics", "momentum", "weight_decay"].contains(&name);
    let own = state.into_iter().filter(|(name, _)| counts(name) || name.starts_with("alphas"));
    own.map(|(name, value)| (name, Vec::try_from(value.to_kind(Kind::Double).reshape([-1])).unwrap())).collect()
}

fn step_through(search: &mut Search<'_>, epochs: Range<usize>) {
    for epoch in epochs {
        (0..search.steps()).for_each(|step| search.step(Position { epoch, step }).unwrap());
    }
}

/// By hand: an epoch of DARTS, its state restored with ten times the weight decay, the other epochs.
fn by_hand(config: &Config) -> State {
    let images = Images::load(config).unwrap();
    let darts = Config { method: "darts".into(), ..config.clone() };
    let mut search = Search::new(&darts, &images, Device::Cpu).unwrap();
    step_through(&mut search, 0..1);
    let mut state: HashMap<String, Tensor> =
        search.state().into_iter().map(|(name, value)| (name, value.detach().copy())).collect();
    state.insert("weight_decay".into(), Tensor::from_slice(&[config.search.weight_decay * 10.0]));
    let mut search = Search::new(&darts, &images, Device::Cpu).unwrap();
    search.restore(&Checkpoint::of_state(Position { epoch: 1, step: 0 }, state)).unwrap();
    step_through(&mut search, 1..config.search.epochs);
    search.state()
}

#[test]
fn the_epochs_between_are_as_if_they_had_not_been() {
    let _alone = alone();
    // The cap allows one return.
    let config = restless("robust-ada", 4, 3e-3);
    let ran = Ran::new(&config);
    assert_eq!(ran.ways().iter().map(|way| (way.0, way.1)).collect::<Vec<_>>(), [(2, 0)]);
    let numbers: Vec<u64> = ran.epochs().iter().map(|line| line["epoch"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(trained(ran.state), trained(by_hand(&config)));
}

#[test]
fn it_goes_back_as_often_as_the_cap_allows_but_not_behind_where_it_went_back_to() {
    let _alone = alone();
    // 3e-4 · 10³ is below 0.3 by a rounding, which is not worth another step.
    let ran = Ran::new(&restless("robust-ada", 4, 0.3));
    let ways = ran.ways();
    assert_eq!(ways.iter().map(|way| (way.0, way.1)).collect::<Vec<_>>(), [(2, 0); 3]);
    for (at, way) in ways.iter().enumerate() {
        assert!((way.2 / (3e-3 * 10_f64.powi(at as i32)) - 1.0).abs() < 1e-9, "{ways:?}");
    }
}

#[test]
fn a_search_that_stops_early_gives_the_genotype_of_the_epoch_before() {
    let _alone = alone();
    let ran = Ran::new(&restless("robust-es", 5, 0.3));
    let epochs = ran.epochs();
    assert_eq!(epochs.len(), 3, "it stopped after epoch 2");
    assert!(epochs[2]["stop"].as_str().unwrap().contains("eigenvalue"));
    assert_eq!(epochs[0]["genotype"], ran.genotype);
    assert!(epochs.iter().map(|line| line["eigenvalue"].is_f64()).eq([true, false, true]));
}

#[test]
fn l2_is_darts_of_second_order_with_the_weight_decay_of_the_grid() {
    let config = Layers::preset_for("paper", "s1", "robust-l2").unwrap().resolve().unwrap();
    assert!((config.search.weight_decay / (3e-4 * 27.0) - 1.0).abs() < 1e-12);
    assert!(config.search.second_order);
}

#[test]
fn without_drop_path_robust_dp_is_darts_bit_for_bit() {
    let _alone = alone();
    let darts = tiny("darts", 0.2);
    let images = Images::load(&darts).unwrap();
    let dropped = |drop_path: f64| {
        let mut config = tiny("robust-dp", 0.2);
        (config.robust.drop_path, config.search.augment.cutout) = (drop_path, 8);
        searched(&config, &images)
    };
    let expected = searched(&darts, &images);
    assert!(dropped(0.0) == expected);
    assert!(dropped(0.5) != expected);
}
