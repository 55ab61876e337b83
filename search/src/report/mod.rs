//! `report.html`: one self-contained page on a run, its charts inline.

mod chart;
pub mod compare;
mod curves;
pub mod flame;
pub mod landscape;
mod page;
pub mod surface;
mod weights;

use models::draw;
use models::genotype::{self, Genotype};
use models::network::Network;
use serde_json::Value;

use crate::config::Config;
use crate::error::Error;
use crate::run_folder::{RunFolder, ends_of_epochs};
use chart::{Chart, Series};
use page::Page;

/// The report of a search: the collapse curve, losses, accuracies, every edge's operation weights, the cells.
///
/// # Errors
/// When a file of the run folder cannot be read.
pub fn search(folder: &RunFolder, config: &Config) -> Result<String, Error> {
    let lines = folder.lines("metrics.jsonl")?;
    let metrics = ends_of_epochs(lines.clone());
    let genotype = genotype::read(&folder.path("genotype.json"))?;
    let mut page = Page::new(&format!("Search: {} with {}", config.space, config.method));
    page.paragraph(&summary(config, &metrics));
    warn_of_collapse(&mut page, &genotype);
    page.section("The cells");
    page.figure(&draw::genotype(&genotype));
    page.code(&genotype.to_string());
    page.section("Course of the search");
    page.row(&[skips(&lines, &genotype), losses(&metrics), accuracies(&metrics, ["train", "valid"])]);
    let alphas = folder.lines("alphas.jsonl")?;
    page.row(
        &[curves::eigenvalues(&metrics), curves::sigmas(&alphas), curves::costs(&metrics, config.cost.term)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>(),
    );
    landscape::section(&mut page, &folder.path(landscape::FOLDER))?;
    weights::section(&mut page, &alphas);
    page.folded("Settings", &toml::to_string(config).unwrap_or_default());
    Ok(page.finish())
}

/// The report of a training of this network: what it costs, losses and accuracies, the cells.
///
/// # Errors
/// When a file of the run folder cannot be read.
pub fn training(folder: &RunFolder, config: &Config, network: &Network) -> Result<String, Error> {
    let metrics = ends_of_epochs(folder.lines("metrics.jsonl")?);
    let genotype = genotype::read(&folder.path("genotype.json"))?;
    let mut page = Page::new(&format!("Training: a genotype of the {} space", config.space));
    page.paragraph(&training_summary(config, &metrics));
    page.paragraph(&cost_summary(network));
    page.section("Course of the training");
    page.row(&[losses(&metrics), accuracies(&metrics, ["train", "test"])]);
    page.section("The cells");
    page.figure(&draw::genotype(&genotype));
    page.code(&genotype.to_string());
    page.folded("Settings", &toml::to_string(config).unwrap_or_default());
    Ok(page.finish())
}

/// Where a line stands, in epochs.
fn epochs(line: &Value) -> Option<f64> {
    let share = line["step"].as_f64().unwrap_or(0.0) / line["steps"].as_f64().unwrap_or(1.0);
    Some(line["epoch"].as_f64()? + share)
}

fn summary(config: &Config, metrics: &[Value]) -> String {
    let last = |key: &str| metrics.last().and_then(|line| line[key].as_f64());
    let percent = last("valid_accuracy").map_or("?".into(), |share| format!("{:.2} %", 100.0 * share));
    format!(
        "{} epochs on {}, seed {}; validation accuracy of the supernet {percent}; {}.",
        metrics.len(),
        config.data.source,
        config.seed,
        duration(metrics),
    )
}

/// The costs of what is shipped: training parts such as the auxiliary head do not count.
fn cost_summary(network: &Network) -> String {
    let cost = models::cost::total(&network.inference());
    let size = network.input();
    format!(
        "{} parameters, {} MACs in convolutions and linear layers, for pictures of {size}.",
        cost.parameters, cost.macs
    )
}

/// Last and best epoch are told apart: the best one is chosen by test accuracy, so only the last is a result.
fn training_summary(config: &Config, metrics: &[Value]) -> String {
    let tests: Vec<(usize, f64)> = metrics
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at + 1, line["test_accuracy"].as_f64()?)))
        .collect();
    let last = tests.last().map_or("?".into(), |(_, share)| format!("{:.2} %", 100.0 * share));
    let best = tests.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let best = best.filter(|&best| Some(best) != tests.last()).map_or(String::new(), |(epoch, share)| {
        format!(
            " (the best epoch, {epoch}, had {:.2} %: chosen by test accuracy, so not a result)",
            100.0 * share
        )
    });
    format!(
        "{} epochs on {}, seed {}; top-1 on the test images after the last epoch {last}{best}; {}.",
        metrics.len(),
        config.data.source,
        config.seed,
        duration(metrics),
    )
}

fn duration(metrics: &[Value]) -> String {
    let seconds: f64 = metrics.iter().filter_map(|line| line["seconds"].as_f64()).sum();
    if seconds < 120.0 { format!("{seconds:.0} seconds") } else { format!("{:.0} minutes", seconds / 60.0) }
}

fn warn_of_collapse(page: &mut Page, genotype: &Genotype) {
    let (skips, edges) = (genotype.normal_skips(), genotype.normal.edges.len());
    if 2 * skips > edges {
        page.warning(&format!(
            "{skips} of the normal cell's {edges} edges are skip connections: the search has collapsed."
        ));
    }
}

/// One value over the epochs; lines without it are left out.
fn series(metrics: &[Value], key: &str, name: &str, scale: f64) -> Series {
    let points = metrics.iter().filter_map(|line| Some((epochs(line)?, line[key].as_f64()? * scale)));
    Series { name: name.into(), points: points.collect() }
}

fn skips(lines: &[Value], genotype: &Genotype) -> String {
    let skips = series(lines, "normal_skips", "skip connections", 1.0);
    let limit = genotype.normal.edges.len() as f64;
    let chart = Chart::new("Skips in the normal cell (dashed: collapse)");
    chart.y_range(0.0, limit).limit(limit / 2.0).series(vec![skips]).svg()
}

fn losses(metrics: &[Value]) -> String {
    let named = [
        ("train_loss", "training"),
        ("alpha_loss", "architecture steps"),
        ("valid_loss", "validation"),
        ("test_loss", "test"),
    ];
    let all = named.iter().map(|(key, name)| series(metrics, key, name, 1.0));
    Chart::new("Loss").series(all.filter(|series| !series.points.is_empty()).collect()).svg()
}

fn accuracies(metrics: &[Value], kinds: [&str; 2]) -> String {
    let all = kinds.map(|kind| series(metrics, &format!("{kind}_accuracy"), kind, 100.0));
    Chart::new("Accuracy in %").series(all.into()).svg()
}
