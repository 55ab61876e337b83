//! What `latency` finds, for people.

use super::{
    nodes,
    result::{Latencies, ModelLatency, RoundTimes, Time},
};
use crate::{
    measure::{
        profile::flag,
        quantile::Times,
        system::{conditions::worst, cores},
    },
    report::{Report, Table, milliseconds},
};

impl Report for Latencies {
    fn tables(&self) -> Vec<Table> {
        let mut table =
            Table::new(&["model", "input", "", "load", "first", "min", "p50", "p90", "p99", "wall/cpu", "MiB"]);
        for model in &self.models {
            if let Some(cpu) = &model.cpu {
                table.row(&row(model, "cpu", |time| time.cpu, cpu, ["", ""]));
            }
            let flag = if model.contended == Some(true) { " contended" } else { "" };
            let ratio = model.wall_over_cpu.map(|ratio| format!("{ratio:.2}{flag}")).unwrap_or_default();
            let memory =
                model.memory.map(|memory| format!("{:.0}", mebibytes(memory.peak))).unwrap_or_default();
            table.row(&row(model, "wall", |time| Some(time.wall), &model.wall, [&ratio, &memory]));
        }
        table.note(self.how());
        table.note(self.meanwhile());
        for note in self.models.iter().filter_map(ran_on) {
            table.note(note);
        }
        let minutes = self.models.iter().filter(|_| self.minutes.is_some()).map(minutes);
        let profiles = self.models.iter().flat_map(nodes::tables);
        std::iter::once(table).chain(minutes).chain(profiles).collect()
    }
}

fn row(
    model: &ModelLatency,
    clock: &str,
    of: fn(&Time) -> Option<f64>,
    times: &Times,
    last: [&str; 2],
) -> Vec<String> {
    let names = [model.model.clone(), shape_text(&model.input), clock.to_string()];
    let times = [of(&model.load), of(&model.first), Some(times.min), times.p50, times.p90, times.p99];
    names.into_iter().chain(times.map(milliseconds)).chain(last.map(String::from)).collect()
}

/// Sizes as on the command line.
pub(crate) fn shape_text(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

impl Latencies {
    /// How it was measured.
    fn how(&self) -> String {
        let runs = match (self.runs, self.minutes) {
            (_, Some(minutes)) => format!("{minutes} minutes"),
            (runs, None) => format!("{} runs", runs.unwrap_or_default()),
        };
        let turn = if self.in_turn { ", in turn" } else { "" };
        let threads = if self.threads == 1 { "1 thread".into() } else { format!("{} threads", self.threads) };
        let pinned = cores::said(self.pinned.as_deref());
        let unsteady =
            if self.models.iter().all(|m| m.steady) { "" } else { "; warm-up did not become steady" };
        let runtime = &self.about_runtime;
        format!(
            "milliseconds and MiB (peak); {runs} after warm-up{turn}; {threads}, {pinned}; {runtime}{unsteady}"
        )
    }

    fn meanwhile(&self) -> String {
        let rounds = self.models.iter().flat_map(|model| &model.rounds).map(|round| &round.conditions);
        let worst = worst(&rounds.collect::<Vec<_>>());
        let separator = if worst.is_empty() { "" } else { "; " };
        let overhead = self.models.iter().filter_map(|model| model.overhead).reduce(f64::max);
        let overhead = overhead.map(|share| format!(" to a run, and takes {:.2} % beside it", 100.0 * share));
        format!("measuring adds {:.4}{}{separator}{worst}", self.clock, overhead.unwrap_or_default())
    }
}

/// Where the nodes ran, if that was asked for.
fn ran_on(model: &ModelLatency) -> Option<String> {
    let placed = model.placed.as_ref()?.iter();
    let placed: Vec<String> =
        placed.map(|placed| format!("{} ({})", flag(&placed.provider), placed.nodes.len())).collect();
    Some(format!("{}: its nodes ran on {}", model.model, placed.join(", ")))
}

/// How it went on.
fn minutes(model: &ModelLatency) -> Table {
    let heads = ["minute", "runs", "cpu p50", "wall p50", "load", "MHz", "°C"];
    let mut table = Table::new(&heads).titled(&format!("{} {}", model.model, shape_text(&model.input)));
    for (minute, round) in model.rounds.iter().enumerate() {
        let RoundTimes { wall, cpu, conditions } = round;
        let known = |value: Option<f64>, digits| {
            value.map_or_else(|| "n/a".into(), |value| format!("{value:.digits$}"))
        };
        table.row(&[
            (minute + 1).to_string(),
            wall.n.to_string(),
            milliseconds(cpu.as_ref().and_then(|cpu| cpu.p50)),
            milliseconds(wall.p50),
            known(conditions.load_average, 1),
            known(conditions.frequency_mhz, 0),
            known(conditions.temperature, 1),
        ]);
    }
    table
}
