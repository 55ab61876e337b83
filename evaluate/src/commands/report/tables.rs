//! What is gathered, as tables.

use super::gather::{Gathered, Latency};
use crate::report::{Cell, Report, Table};

/// A machine, a runtime and a number of threads.
type Setting<'a> = (usize, &'a str, u64);

impl Report for Gathered {
    fn tables(&self) -> Vec<Table> {
        let tables = [
            Some(self.overview()),
            (!self.accuracies.is_empty()).then(|| self.accuracy()),
            (!self.latencies.is_empty()).then(|| self.latency()),
            (!self.comparisons.is_empty()).then(|| self.comparison()),
            (!self.parities.is_empty()).then(|| self.parity()),
            Some(self.places()),
        ];
        tables.into_iter().flatten().collect()
    }
}

impl Gathered {
    /// A row per model with the figures of all its results.
    fn overview(&self) -> Table {
        let settings = self.settings();
        let heads = ["model", "MACs", "params", "file bytes", "top-1 %", "95 % interval"].map(String::from);
        let times = settings.iter().map(|setting| format!("ms, {}", self.name(*setting)));
        let mut table = Table::new(&heads.into_iter().chain(times).collect::<Vec<_>>()).titled("Models");
        for model in self.models() {
            table.row(&self.figures(model, &settings));
        }
        if !settings.is_empty() {
            table.note("Times are medians of CPU time where it is known, else of wall time.");
        }
        table
    }

    fn figures(&self, model: &str, settings: &[Setting<'_>]) -> Vec<Cell> {
        let cost = self.costs.iter().find(|cost| cost.model == model);
        let [macs, params, bytes] = [
            cost.and_then(|cost| cost.macs),
            cost.and_then(|cost| cost.params),
            cost.and_then(|cost| cost.bytes),
        ]
        .map(|number| number.map_or_else(|| "-".into(), Cell::Count));
        let interval = self.accuracies.iter().find(|row| row.model == model).map(|row| row.interval);
        let interval = interval.map_or_else(|| "-".into(), |[low, high]| format!("{low:.2} to {high:.2}"));
        let times = settings.iter().map(|&setting| {
            let mut own = self.latencies.iter().filter(|row| row.model == model && of(row) == setting);
            decimals(own.next().and_then(Latency::time), 3)
        });
        let figures = [model.into(), macs, params, bytes, decimals(self.top1(model), 2), interval.into()];
        figures.into_iter().chain(times).collect()
    }

    /// Top-1 in percent: measured, else published.
    pub(super) fn top1(&self, model: &str) -> Option<f64> {
        let measured = self.accuracies.iter().find(|row| row.model == model).map(|row| row.top1);
        measured.or_else(|| self.costs.iter().find(|cost| cost.model == model)?.top1)
    }

    /// What it was reached on.
    pub(super) fn data_of(&self, model: &str) -> Option<&str> {
        let measured = self.accuracies.iter().find(|row| row.model == model).map(|row| row.data.as_str());
        measured.or_else(|| self.costs.iter().find(|cost| cost.model == model)?.top1_on.as_deref())
    }

    /// Every machine, runtime and number of threads that times are from, by first appearance.
    pub(super) fn settings(&self) -> Vec<Setting<'_>> {
        let mut settings = Vec::new();
        for setting in self.latencies.iter().map(of) {
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
        settings
    }

    /// A setting in words.
    pub(super) fn name(&self, (machine, runtime, threads): Setting<'_>) -> String {
        let plural = if threads == 1 { "" } else { "s" };
        format!("{runtime}, {threads} thread{plural}, {}", self.machines[machine].name)
    }

    fn accuracy(&self) -> Table {
        let heads = ["model", "data", "runtime", "machine", "pictures", "top-1 %", "95 % interval", "top-5 %"];
        let mut table = Table::new(&heads).titled("Accuracy").left(&[1, 2, 3]);
        for row in &self.accuracies {
            let [low, high] = row.interval;
            table.row(&[
                row.model.as_str().into(),
                row.data.as_str().into(),
                row.runtime.as_str().into(),
                self.machines[row.machine].name.as_str().into(),
                Cell::Count(row.pictures),
                decimals(Some(row.top1), 2),
                format!("{low:.2} to {high:.2}").into(),
                decimals(row.top5, 2),
            ]);
        }
        table
    }

    fn latency(&self) -> Table {
        let heads = [
            "model", "machine", "runtime", "input", "threads", "CPU p50", "wall p50", "wall p90", "load",
            "MiB", "",
        ];
        let mut table = Table::new(&heads).titled("Latency in milliseconds").left(&[1, 2, 3, 10]);
        for row in &self.latencies {
            table.row(&[
                row.model.as_str().into(),
                self.machines[row.machine].name.as_str().into(),
                row.runtime.as_str().into(),
                row.input.as_str().into(),
                Cell::Count(row.threads),
                decimals(row.cpu, 3),
                decimals(row.wall, 3),
                decimals(row.wall_p90, 3),
                decimals(row.load, 1),
                decimals(row.memory, 0),
                if row.contended { "contended" } else { "" }.into(),
            ]);
        }
        if self.latencies.iter().any(|row| row.contended) {
            table.note("contended: other programs were running; trust the CPU time.");
        }
        table
    }

    fn comparison(&self) -> Table {
        let mut table =
            Table::new(&["B", "A", "B / A", "95 % interval", "verdict"]).titled("Comparisons").left(&[1, 4]);
        for row in &self.comparisons {
            let [low, high] = row.interval;
            table.row(&[
                row.b.as_str().into(),
                row.a.as_str().into(),
                decimals(Some(row.ratio), 3),
                format!("{low:.3} to {high:.3}").into(),
                row.verdict.as_str().into(),
            ]);
        }
        table
    }

    fn parity(&self) -> Table {
        let heads = ["model", "runtimes", "relative difference", "same top-1", "inputs", ""];
        let mut table = Table::new(&heads).titled("Agreement").left(&[1, 5]);
        for row in &self.parities {
            table.row(&[
                row.model.as_str().into(),
                row.pair.as_str().into(),
                format!("{:.1e}", row.relative).into(),
                Cell::Count(row.top1_equal),
                Cell::Count(row.inputs),
                if row.holds { "holds" } else { "DOES NOT HOLD" }.into(),
            ]);
        }
        table
    }

    fn places(&self) -> Table {
        let heads = ["machine", "program", "kernel", "cores", "MiB", "governor", "instructions"];
        let mut table = Table::new(&heads).titled("Machines").left(&[1, 2, 5, 6]);
        for machine in &self.machines {
            let said = |key: &str| match &machine.environment[key] {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => "-".into(),
                serde_json::Value::Array(parts) => {
                    parts.iter().filter_map(|part| part.as_str()).collect::<Vec<_>>().join(" ")
                }
                other => other.to_string(),
            };
            let fields = ["program", "kernel", "cores", "memory_mib", "governor", "instructions"].map(said);
            let cells = std::iter::once(machine.name.clone()).chain(fields);
            table.row(&cells.collect::<Vec<String>>());
        }
        table
    }
}

fn of(row: &Latency) -> Setting<'_> {
    (row.machine, &row.runtime, row.threads)
}

fn decimals(number: Option<f64>, places: usize) -> Cell {
    number.map_or_else(|| "-".into(), |number| format!("{number:.places$}").into())
}
