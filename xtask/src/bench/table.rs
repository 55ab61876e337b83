//! Measurements as a Markdown table.

use super::measure::{Measurement, Reading};
use super::statistics::{Spread, bootstrap, median};

const HEADER: &str = "\
| comparison | threads | CPU s | peer's | ratio | interval | goal | wall s | peer's | ratio | interval | MiB | peer's | ratio |
|:--|--:|--:|--:|--:|:--|:--|--:|--:|--:|:--|--:|--:|--:|
";

/// The rows of these measurements under their header. Seconds and MiB are medians, ratios
/// those of pairs, ours over the peer's.
pub(super) fn of(measured: &[Measurement]) -> String {
    std::iter::once(HEADER.to_string()).chain(measured.iter().map(row)).collect()
}

fn row(measured: &Measurement) -> String {
    let [cpu, wall, memory]: [fn(&Reading) -> f64; 3] =
        [|reading| reading.cpu, |reading| reading.wall, |reading| reading.memory];
    let ratio = bootstrap(&ratios(measured, cpu));
    let cells = [
        measured.comparison.name.into(),
        measured.threads.to_string(),
        seconds(measured, cpu),
        spread(ratio),
        goal(ratio.median, measured.comparison.goal),
        seconds(measured, wall),
        spread(bootstrap(&ratios(measured, wall))),
        memories(measured, memory),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// Ours over the peer's, pair by pair.
fn ratios(measured: &Measurement, of: fn(&Reading) -> f64) -> Vec<f64> {
    measured.pairs.iter().map(|[ours, theirs]| of(ours) / of(theirs)).collect()
}

/// The medians of both sides.
fn medians(measured: &Measurement, of: fn(&Reading) -> f64) -> [f64; 2] {
    [0, 1].map(|side| median(&measured.pairs.iter().map(|pair| of(&pair[side])).collect::<Vec<_>>()))
}

fn seconds(measured: &Measurement, of: fn(&Reading) -> f64) -> String {
    medians(measured, of).map(|seconds| format!("{seconds:.3}")).join(" | ")
}

fn memories(measured: &Measurement, of: fn(&Reading) -> f64) -> String {
    let [ours, theirs] = medians(measured, of);
    let ratio = median(&ratios(measured, of));
    let goal =
        measured.comparison.memory_goal.map_or_else(String::new, |most| format!(" ({})", goal(ratio, most)));
    format!("{ours:.0} | {theirs:.0} | {ratio:.3}{goal}")
}

fn spread(Spread { median, interval: [low, high] }: Spread) -> String {
    format!("{median:.3} | {low:.3} to {high:.3}")
}

/// The most that a ratio may be, and what it is not where it is more.
fn goal(ratio: f64, most: f64) -> String {
    let missed = if ratio <= most { "" } else { " missed" };
    format!("{most:.3}{missed}")
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use serde_json::Value;

    use super::super::comparisons::COMPARISONS;
    use super::*;

    fn measured(name: &str, pairs: &[[f64; 2]]) -> Measurement {
        let reading = |seconds: f64| Reading { wall: 2.0 * seconds, cpu: seconds, memory: 100.0 * seconds };
        Measurement {
            comparison: COMPARISONS.iter().find(|one| one.name == name).unwrap(),
            threads: 1,
            steps: 1,
            pairs: pairs.iter().map(|pair| pair.map(reading)).collect(),
            printed: [Value::Null, Value::Null],
        }
    }

    #[test]
    fn a_row_has_a_cell_per_column_and_says_what_is_missed() {
        let table =
            of(&[measured("darts", &[[1.0, 4.0], [1.0, 4.0]]), measured("retrain", &[[4.0, 4.0], [4.0, 4.0]])]);
        let rows: Vec<&str> = table.lines().collect();
        // The goals: 1/2.5 of the CPU time and 0.6 of the memory; 0.9 of the CPU time.
        assert_eq!(
            rows[2],
            "| darts | 1 | 1.000 | 4.000 | 0.250 | 0.250 to 0.250 | 0.400 | 2.000 | 8.000 | 0.250 | 0.250 to 0.250 \
             | 100 | 400 | 0.250 (0.600) |"
        );
        assert!(rows[3].contains("| 0.900 missed |"), "{}", rows[3]);
        assert!(rows.iter().all(|row| row.matches('|').count() == 15), "{table}");
    }

    #[test]
    fn ratios_are_those_of_pairs() {
        // A machine that halves its pace between two pairs changes no ratio.
        let measured = measured("darts", &[[1.0, 4.0], [2.0, 8.0]]);
        assert_eq!(ratios(&measured, |reading| reading.cpu), [0.25, 0.25]);
        assert_eq!(medians(&measured, |reading| reading.cpu), [1.5, 6.0]);
    }
}
