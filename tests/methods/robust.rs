//! `RobustDARTS`: when it stops, what it goes back to, and what it drops.

use search::checkpoint::Position;
use search::config::Config;
use search::data::Images;
use search::engine::Job as _;
use search::methods::{Method, Moment, Phase, by_name};
use search::review::{History, Verdict};
use search::run_folder::RunFolder;
use search::search::Search;
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::identities::tiny;
use crate::supernet::{alone, config};

/// Largest eigenvalues after epochs 0, 2, ... 24 of `RobustDARTS`'s public log of S1 on CIFAR-10, weight decay 3e-4, seed 2.
const LOG: [f64; 13] =
    [0.1737, 0.1465, 0.2629, 0.1932, 0.1675, 0.2212, 0.2090, 0.1505, 0.2200, 0.2900, 0.3138, 0.4737, 0.3055];

fn verdicts(method: &dyn Method, weight_decay: f64) -> Vec<Verdict> {
    let line = |epoch: usize| {
        if epoch.is_multiple_of(2) { json!({ "eigenvalue": LOG[epoch / 2] }) } else { json!({}) }
    };
    let lines: Vec<Value> = (0..25).map(line).collect();
    (1..=25)
        .map(|count| method.review(&History { metrics: &lines[..count], alphas: &[], weight_decay }))
        .collect()
}

#[test]
fn early_stopping_ends_the_public_run_where_the_public_rule_does() {
    let method = by_name("robust-es", &config("robust-es")).unwrap();
    assert!((0..6).all(|epoch| method.wants_eigenvalue(epoch) == epoch.is_multiple_of(2)));
    let verdicts = verdicts(method.as_ref(), 3e-4);
    // The rule fires at 22 and returns epoch 10, and is not asked again.
    let (last, before) = verdicts[..=22].split_last().unwrap();
    assert!(before.iter().all(|verdict| *verdict == Verdict::GoOn));
    assert!(matches!(last, Verdict::Stop { epoch: 10, .. }), "{last:?}");
}

#[test]
fn adaptive_regularisation_goes_back_there_until_the_cap() {
    let method = by_name("robust-ada", &config("robust-ada")).unwrap();
    let back = |weight_decay| match &verdicts(method.as_ref(), weight_decay)[22] {
        Verdict::RollBack { epoch, weight_decay, .. } => Some((*epoch, *weight_decay)),
        _ => None,
    };
    let (epoch, decay) = back(3e-4).unwrap();
    assert!(epoch == 10 && (decay - 3e-3).abs() < 1e-12);
    assert!((back(9e-3).unwrap().1 - 0.03).abs() < 1e-12, "ten times, but at most the cap");
    assert_eq!(back(0.03), None, "at the cap it goes on");
}

/// Goes back after its second epoch, whatever the eigenvalues are.
fn hasty() -> Config {
    let mut config = tiny("robust-ada", 0.2);
    config.search.epochs = 3;
    let robust = &mut config.robust;
    (robust.window, robust.every, robust.start, robust.delta, robust.factor) = (1, 1, 0, 1, 0.0);
    config
}

fn values(state: &[(String, Tensor)], name: &str) -> Vec<f64> {
    let tensor = &state.iter().find(|(key, _)| key == name).unwrap().1;
    Vec::try_from(tensor.to_kind(tch::Kind::Double).reshape([-1])).unwrap()
}

#[test]
fn after_going_back_everything_is_as_it_was_but_the_weight_decay() {
    let _alone = alone();
    let config = hasty();
    let images = Images::load(&config).unwrap();
    let root = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(root.path(), &config, &[]).unwrap();
    let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
    let epoch = |search: &mut Search<'_>, epoch: usize| {
        (0..search.steps()).for_each(|step| search.step(Position { epoch, step }).unwrap());
        let line = search.finish_epoch(epoch, &folder).unwrap();
        let eigenvalue = line["eigenvalue"].as_f64().unwrap();
        assert!(eigenvalue.is_finite() && eigenvalue > 0.0, "{eigenvalue}");
        let mut line = line;
        (line["epoch"], line["step"]) = (json!(epoch + 1), json!(0));
        folder.append("metrics.jsonl", &line).unwrap();
        search.moved_to()
    };
    assert_eq!(epoch(&mut search, 0), None);
    let names = ["weights", "statistics", "momentum", "alphas", "alphas.adam.first", "alphas.adam.steps"];
    let before: Vec<Vec<f64>> = names.map(|name| values(&search.state(), name)).into();
    assert_eq!(epoch(&mut search, 1), Some(Position { epoch: 1, step: 0 }), "after the first epoch");
    for (name, before) in names.iter().zip(&before) {
        assert_eq!(values(&search.state(), name), *before, "{name}");
    }
    assert!((values(&search.state(), "weight_decay")[0] - 10.0 * config.search.weight_decay).abs() < 1e-12);
}

#[test]
fn drop_path_grows_on_all_but_skips_and_so_does_cutout() {
    let mut config = config("robust-dp");
    (config.robust.drop_path, config.robust.cutout) = (0.6, 0.6);
    let method = by_name("robust-dp", &config).unwrap();
    let at = |epoch| Moment { epoch, epochs: 50, phase: Phase::Weights };
    assert!(!method.touches("sep_conv_3x3", at(0)) && !method.touches("skip_connect", at(49)));
    assert!(method.touches("sep_conv_3x3", at(1)) && !method.touches("none", at(49)));
    let shares = [0, 7, 49].map(|epoch| method.cutout_share(at(epoch)));
    // 0.6 · e / 49
    for (share, expected) in shares.into_iter().zip([0.0, 0.6 / 7.0, 0.6]) {
        assert!((share - expected).abs() < 1e-12, "{share}");
    }
}
