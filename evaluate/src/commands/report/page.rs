//! What is gathered, as a page.

use super::gather::{Accuracy, Gathered, Latency};
use crate::commands::accuracy::{Mistake, sheet};
use crate::report::{
    Report as _,
    bars::{self, Bar},
    html::Page,
    matrix,
    scatter::{self, Axis, Point},
};

/// Most bars of one picture: the costliest nodes.
const BARS: usize = 60;

const TOP1: Axis<'_> = Axis { title: "top-1 %", less: false };

/// The page: pictures of accuracy against what it costs, tables, then the nodes of each model.
pub(super) fn of(title: &str, gathered: &Gathered) -> String {
    let mut page = Page::new(title);
    let plots = plots(gathered);
    let profiled: Vec<&Latency> = gathered.latencies.iter().filter(|row| !row.nodes.is_empty()).collect();
    for table in gathered.tables() {
        page.table(&table);
    }
    if !plots.is_empty() {
        page.section("Accuracy against cost");
        page.paragraph("Filled: no other model is at least as good in both and better in one.");
        page.pictures(&plots);
    }
    mistakes(&mut page, gathered);
    if !profiled.is_empty() {
        page.section("Time per node");
        page.paragraph("In the order of the network; GMAC/s where a node multiplies.");
    }
    for row in profiled {
        let setting = gathered.name((row.machine, &row.runtime, row.threads));
        page.folded(&format!("{}: {setting}", row.model), &bars::svg(&nodes(row)));
    }
    page.finish()
}

/// Which classes are taken for which, and the worst mistakes where they are drawn.
fn mistakes(page: &mut Page, gathered: &Gathered) {
    let judged: Vec<&Accuracy> = gathered.accuracies.iter().filter(|row| row.confusion.is_some()).collect();
    if !judged.is_empty() {
        page.section("Mistakes");
    }
    for row in judged {
        let title = format!("{}, {}, {}", row.model, row.data, row.runtime);
        if let Some(confusion) = &row.confusion {
            page.folded(&title, &matrix::svg(confusion, &row.classes));
        }
        let wrong = row.pictures - (row.top1 * row.pictures as f64 / 100.0).round() as u64;
        if row.mistakes.iter().any(Mistake::is_drawn) {
            page.folded(&format!("{title}: the worst"), &sheet(&row.mistakes, &row.classes, wrong as usize));
        }
    }
}

/// A picture per data set and cost that two or more models have.
fn plots(gathered: &Gathered) -> Vec<String> {
    let mut data: Vec<&str> = gathered.models().iter().filter_map(|model| gathered.data_of(model)).collect();
    data.sort_unstable();
    data.dedup();
    data.iter().flat_map(|data| plots_on(gathered, data)).collect()
}

fn plots_on(gathered: &Gathered, data: &str) -> Vec<String> {
    let models: Vec<&str> =
        gathered.models().into_iter().filter(|model| gathered.data_of(model) == Some(data)).collect();
    let cost = |model: &str| gathered.costs.iter().find(|cost| cost.model == model);
    let millions = |count: u64| count as f64 / 1e6;
    let macs = |model: &str| Some(millions(cost(model)?.macs?));
    let params = |model: &str| Some(millions(cost(model)?.params?));
    let mut plots = vec![
        plot(gathered, &models, format!("million MACs, accuracy on {data}"), &macs),
        plot(gathered, &models, format!("million parameters, accuracy on {data}"), &params),
    ];
    for setting in gathered.settings() {
        let time = |model: &str| {
            let mut own = gathered.latencies.iter().filter(|row| row.model == model);
            own.find(|row| (row.machine, row.runtime.as_str(), row.threads) == setting)?.time()
        };
        plots.push(plot(
            gathered,
            &models,
            format!("ms: {}; accuracy on {data}", gathered.name(setting)),
            &time,
        ));
    }
    plots.into_iter().flatten().collect()
}

/// Nothing where fewer than two models have both.
fn plot(
    gathered: &Gathered,
    models: &[&str],
    title: String,
    x: &dyn Fn(&str) -> Option<f64>,
) -> Option<String> {
    let points = models
        .iter()
        .filter_map(|model| Some(Point { name: (*model).into(), x: x(model)?, y: gathered.top1(model)? }));
    let points: Vec<Point> = points.collect();
    (points.len() > 1).then(|| scatter::svg(&points, [Axis { title: &title, less: true }, TOP1]))
}

/// The costliest nodes, in the order of the network.
fn nodes(row: &Latency) -> Vec<Bar> {
    let mut times: Vec<f64> = row.nodes.iter().map(|node| node.ms).collect();
    times.sort_by(|a, b| b.total_cmp(a));
    let least = times.get(BARS - 1).copied().unwrap_or(0.0);
    let shown = row.nodes.iter().filter(|node| node.ms >= least);
    let bar = shown.map(|node| {
        let pace = node.gmacs_per_s.map_or_else(String::new, |pace| format!(", {pace:.1} GMAC/s"));
        let text = format!("{:.3} ms{pace}", node.ms);
        Bar { name: node.name.clone(), group: node.op.clone(), value: node.ms, text }
    });
    bar.collect()
}
