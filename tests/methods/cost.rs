//! The expected cost: its value, its gradient, its two ways into the loss, and latency tables.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use models::cost::total;
use models::lut::LatencyTable;
use models::network::{Network, Row, Table};
use models::spaces::mobilenet::Mobile;
use models::spaces::skeleton::Stem;
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::config::Config;
use search::cost::{CostConfig, ExpectedCost, Regularizer, Term};
use search::engine::Job as _;
use search::search::Search;
use tch::{Device, Kind, Tensor};

use super::double::{Double, assert_equal, config, method, moment};
use crate::supernet::{alone, pictures};
use crate::support::run;
use crate::tiny::{TINY, folder_of};

fn settings(term: Term, regularizer: Regularizer) -> CostConfig {
    CostConfig { term, regularizer, ..Config::preset("paper").unwrap().cost }
}

fn mobile() -> Network {
    Mobile.supernet(&Mobile.published(Stem::ImageNet), SpaceOptions::default()).unwrap()
}

fn one_hot(network: &Network, op: usize) -> Vec<Tensor> {
    let row = |row: &Row| {
        let hot = Tensor::zeros([row.ops.len() as i64], (Kind::Double, Device::Cpu));
        let _ = hot.get((op % row.ops.len()) as i64).fill_(1.0);
        hot
    };
    network.tables.iter().flat_map(|table| &table.rows).map(row).collect()
}

#[test]
fn at_the_corners_it_is_the_cost_of_the_derived_network() {
    let supernet = mobile();
    let [macs, parameters] = [Term::Macs, Term::Params]
        .map(|term| ExpectedCost::new(&settings(term, Regularizer::Linear), &supernet).unwrap().unwrap());
    for op in 0..7 {
        let shares = one_hot(&supernet, op);
        let numbers: Vec<Vec<f64>> = shares.iter().map(|row| Vec::try_from(row).unwrap()).collect();
        let genotype = Mobile.derive(&supernet.tables, &[numbers]);
        let derived = Mobile.derived("corner", &genotype, &Mobile.published(Stem::ImageNet)).unwrap();
        let cost = total(&derived);
        let found = [&macs, &parameters].map(|expected| expected.of(&shares).double_value(&[]));
        // Whole numbers below 2^53 are exact.
        assert_eq!(found.map(|cost| cost as u64), [cost.macs, cost.parameters], "{genotype}");
    }
}

#[test]
fn its_gradient_is_its_slope_in_both_ways_into_the_loss() {
    let _alone = alone();
    let (subject, darts) = (Double::new(), method("darts"));
    let direction = subject.direction();
    for regularizer in [Regularizer::Linear, Regularizer::Log] {
        for term in [Term::Macs, Term::Params, Term::Memory] {
            let cost = ExpectedCost::new(&settings(term, regularizer), &subject.net.network).unwrap().unwrap();
            // A loss of its own in the alphas, beside the cost.
            let plain = |alphas: &[Tensor]| {
                alphas.iter().fold(Tensor::from(2.0), |sum, row| sum + row.sin().sum(Kind::Double))
            };
            let at = |alphas: &[Tensor]| {
                let view = search::methods::View { alphas, ..subject.view() };
                cost.at(darts.as_ref(), &view, moment(search::methods::Phase::Alphas))
            };
            let whole = |step: f64| {
                let moved = subject.moved(&direction, step);
                cost.regularised(&plain(&moved), &at(&moved)).double_value(&[])
            };
            let loss = plain(&subject.alphas);
            let gradient = subject.gradient(&loss);
            let found = cost.in_gradient(&gradient, &loss, &at(&subject.alphas), &subject.alphas);
            let slope = (whole(1e-4) - whole(-1e-4)) / 2e-4;
            let found = found.dot(&direction).double_value(&[]);
            assert!((found / slope - 1.0).abs() < 1e-7, "{term:?} {regularizer:?}: {found} and {slope}");
        }
    }
}

#[test]
fn the_two_ways_are_those_of_proxylessnas() {
    let subject = Double::new();
    let new = |regularizer| {
        let settings = CostConfig { reference: 1e6, ..settings(Term::Macs, regularizer) };
        ExpectedCost::new(&settings, &subject.net.network).unwrap().unwrap()
    };
    let (loss, expected) = (Tensor::from(3.0), Tensor::from(2e6));
    let value = |regularizer| new(regularizer).regularised(&loss, &expected).double_value(&[]);
    // With the published weight 0.2 and exponent 0.3.
    let log = 3.0 * 0.2 * (2e6_f64.ln() / 1e6_f64.ln()).powf(0.3);
    assert!((value(Regularizer::Log) - log).abs() < 1e-12);
    assert!((value(Regularizer::Linear) - 3.2).abs() < 1e-12);
}

#[test]
fn a_large_weight_draws_the_search_to_cheap_networks() {
    let _alone = alone();
    let images = pictures();
    let searched = |weight: f64| {
        let mut config = crate::supernet::config("darts");
        config.cost = CostConfig { weight, ..settings(Term::Macs, Regularizer::Linear) };
        config.search.alpha_learning_rate = 0.1;
        let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
        for epoch in 0..3 {
            search.step(search::checkpoint::Position { epoch, step: 0 }).unwrap();
        }
        let cost = ExpectedCost::new(&config.cost, search.network()).unwrap().unwrap();
        let darts = method("darts");
        let found = cost.number(darts.as_ref(), &search.view(), moment(search::methods::Phase::Evaluation));
        found / cost.reference()
    };
    let [cheap, free] = [100.0, 0.0].map(searched);
    assert!(cheap < 0.9 && cheap < free, "{cheap} and {free} of equal probabilities");
}

#[test]
fn a_search_reports_it() {
    let _alone = alone();
    let line = "noisydarts-search run --space mobile --method proxyless --out found --set cost.term=macs \
                --set cost.regularizer=log --set search.alpha_every=1";
    let folder = folder_of(line);
    let read = |name: &str| std::fs::read_to_string(folder.path().join("found").join(name)).unwrap();
    let metrics = read("metrics.jsonl");
    let last: serde_json::Value = serde_json::from_str(metrics.lines().last().unwrap()).unwrap();
    assert!(last["expected_cost"].as_f64().unwrap() > 1e4, "{last}");
    assert!(read("report.html").contains("Expected cost in MACs"));
}

#[test]
fn a_table_that_does_not_fit_is_the_users_mistake() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), "layer,op,milliseconds\n0,E3_K3,1\n").unwrap();
    for (settings, expected) in [
        ("--set cost.table=none.csv", "none.csv"),
        ("--set cost.table=t.csv", "E3_K5 of layer 0"),
        ("--set cost.table=t.csv --set cost.column=ms", "a column ms"),
        ("", "cost.table"),
        ("--set cost.table=t.csv --set cost.weight=-1.0", "cost.weight"),
    ] {
        let line = format!(
            "noisydarts-search run --space mobile --method darts --out x --set cost.term=latency {TINY} {settings}"
        );
        let ended = run(folder.path(), &line);
        assert_eq!(ended.status, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

/// The columns of the published table, and of the published latencies of 5,000 networks.
const DEVICES: [&str; 4] = ["pixel3", "raspi4", "eyeriss", "fpga"];

fn fbnet(name: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("NOISYDARTS_TEST_DATA").map_or(default, PathBuf::from);
    let path = root.join("fbnet").join(name);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

/// The table and its eight operations by number; 8 is to skip a layer.
fn fbnet_tables(lut: &Path) -> Vec<Table> {
    let text = std::fs::read_to_string(lut).unwrap();
    let ops = text.lines().skip(1).take(8).map(|line| line.split(',').nth(2).unwrap().to_string());
    let ops: Vec<String> = ops.chain(["skip_connect".into()]).collect();
    let row = |layer: usize| Row { edge: format!("{}_{layer}", layer + 1), ops: ops.clone() };
    vec![Table { name: "layers".into(), rows: (0..22).map(row).collect() }]
}

/// Latencies are given with four decimals, entries of the table with six.
#[test]
fn the_fbnet_table_sums_to_the_measured_networks() {
    let (Some(lut), Some(measured)) = (fbnet("fbnet_lut.csv"), fbnet("fbnet_latency_5000.csv")) else { return };
    let tables = fbnet_tables(&lut);
    let text = std::fs::read_to_string(measured).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    for device in DEVICES {
        let table = LatencyTable::read(&lut, &format!("delta_ms_vs_skip_{device}")).unwrap();
        let rows = table.rows(&tables).unwrap();
        let column = header.iter().position(|name| *name == format!("lat_ms_{device}")).unwrap();
        let mut networks = 0;
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let ops = fields[0].bytes().map(|digit| usize::from(digit - b'0'));
            let sum = table.base() + ops.zip(&rows).map(|(op, row)| row[op]).sum::<f64>();
            let expected: f64 = fields[column].parse().unwrap();
            assert!((sum - expected).abs() < 6e-5, "{device} {}: {sum} instead of {expected}", fields[0]);
            networks += 1;
        }
        assert_eq!(networks, 5000);
    }
}

#[test]
fn the_expected_latency_of_one_network_is_the_sum_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mobile.csv");
    let supernet = mobile();
    let mut text = String::from("layer,op,milliseconds\nbase,,1.5\n");
    for (layer, row) in supernet.tables[0].rows.iter().enumerate() {
        for (op, name) in row.ops.iter().enumerate().filter(|(_, name)| *name != "skip_connect") {
            writeln!(text, "{layer},{name},{}", 0.25 * (layer + 10 * op) as f64).unwrap();
        }
    }
    std::fs::write(&path, text).unwrap();
    let settings =
        CostConfig { table: path.display().to_string(), ..settings(Term::Latency, Regularizer::Linear) };
    let cost = ExpectedCost::new(&settings, &supernet).unwrap().unwrap();
    let found = cost.of(&one_hot(&supernet, 2));
    // 1.5 + Σ (layer + 20) / 4 over 19 layers.
    assert_equal(&found, &Tensor::from(1.5 + (171.0 + 19.0 * 20.0) / 4.0), 1e-15);
    assert!(config("darts").cost.term == Term::None);
}
