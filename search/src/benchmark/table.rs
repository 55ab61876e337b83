//! The result table in the paper's layout: mean ± standard deviation over seeds, and the best.

use std::fmt::Write;

use super::outcome::Outcome;

/// Which epoch of a training is the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Selection {
    /// The last epoch: nothing is chosen by test accuracy.
    #[default]
    Last,
    /// The best epoch on the test images, as several public codes report; labelled as what it is.
    BestOnTest,
}

impl Selection {
    const fn rule(self) -> &'static str {
        match self {
            Self::Last => "after the last epoch; nothing is chosen by test accuracy",
            Self::BestOnTest => "of the best epoch, CHOSEN BY TEST ACCURACY: optimistic, not a result",
        }
    }

    fn of(self, outcome: &Outcome) -> Option<f64> {
        let trained = outcome.trained?;
        Some(if self == Self::Last { trained.last } else { trained.best })
    }
}

/// Mean, sample standard deviation (n − 1; none for one value) and largest of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Mean.
    pub mean: f64,
    /// Sample standard deviation, with n − 1 in the denominator.
    pub std: Option<f64>,
    /// The largest value.
    pub best: f64,
    /// How many there are.
    pub count: usize,
}

impl Summary {
    /// Of these values; none of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let best = values.iter().copied().reduce(f64::max)?;
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let std = (count > 1).then(|| (squares / (count - 1) as f64).sqrt());
        Some(Self { mean, std, best, count })
    }

    fn text(self) -> String {
        let std = self.std.map_or(String::new(), |std| format!(" ± {std:.2}"));
        let best = if self.count > 1 { format!(" ({:.2})", self.best) } else { String::new() };
        format!("{:.2}{std}{best}", self.mean)
    }
}

/// The tables as Markdown: one of the trained networks, benchmarks by methods; one per looked-up benchmark, methods by
/// columns of the benchmark's table; one of the searches.
#[must_use]
pub fn markdown(outcomes: &[Outcome], selection: Selection) -> String {
    let mut text = String::new();
    if outcomes.iter().any(|outcome| outcome.trained.is_some()) {
        let _ = writeln!(
            text,
            "Top-1 on the test images in %, {}. Mean ± sample standard deviation (n − 1) over seeds (best seed).\n",
            selection.rule()
        );
        text.push_str(&trained(outcomes, selection));
    }
    for benchmark in distinct(outcomes, |outcome| &outcome.benchmark) {
        let own: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.benchmark == benchmark).collect();
        if own.iter().any(|outcome| !outcome.looked_up.is_empty()) {
            let _ = writeln!(
                text,
                "\n{benchmark}: accuracy in % of the found cells in the benchmark's own table (200 epochs, mean of its \
                 seeds). Mean ± sample standard deviation (n − 1) over searches (best of them).\n"
            );
            text.push_str(&looked_up(&own));
        }
    }
    text + "\nSearches: skip connections in the normal cell by seed, and minutes (mean).\n\n"
        + &searches(outcomes)
}

/// One line per benchmark, method and seed.
#[must_use]
pub fn csv(outcomes: &[Outcome]) -> String {
    let columns = columns(&outcomes.iter().collect::<Vec<_>>());
    let mut text = String::from(
        "benchmark,method,seed,data,skips,search_seconds,parameters,macs,last_top1,best_top1,best_epoch,train_seconds",
    );
    for column in &columns {
        let _ = write!(text, ",{column}");
    }
    text.push_str(",genotype\n");
    for outcome in outcomes {
        let Outcome { benchmark, label, seed, data, skips, search_seconds, .. } = outcome;
        let _ = write!(text, "{benchmark},{label},{seed},{data},{skips},{search_seconds:.1}");
        let trained = outcome.trained.map_or(",,,,,,".into(), |trained| {
            format!(
                ",{},{},{:.2},{:.2},{},{:.1}",
                trained.parameters,
                trained.macs,
                trained.last,
                trained.best,
                trained.best_epoch,
                trained.seconds
            )
        });
        text.push_str(&trained);
        for column in &columns {
            let value = outcome.looked_up.get(column).map_or(String::new(), |value| format!("{value:.2}"));
            let _ = write!(text, ",{value}");
        }
        let _ = writeln!(text, ",\"{}\"", outcome.genotype);
    }
    text
}

fn trained(outcomes: &[Outcome], selection: Selection) -> String {
    let labels = distinct(outcomes, |outcome| &outcome.label);
    let rows = distinct(outcomes, |outcome| &outcome.benchmark).into_iter().map(|benchmark| {
        let own: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.benchmark == benchmark).collect();
        let data = own.first().map_or(String::new(), |outcome| kind(&outcome.data));
        let mut row = vec![format!("{benchmark} ({data})")];
        row.extend(labels.iter().map(|label| {
            let values: Vec<f64> =
                own.iter().filter(|own| own.label == *label).filter_map(|own| selection.of(own)).collect();
            Summary::of(&values).map_or("–".into(), Summary::text)
        }));
        row
    });
    let head: Vec<String> = std::iter::once("benchmark".into()).chain(labels.iter().cloned()).collect();
    grid(&head, rows)
}

fn looked_up(outcomes: &[&Outcome]) -> String {
    let columns = columns(outcomes);
    let labels = distinct(outcomes.iter().copied(), |outcome| &outcome.label);
    let rows = labels.iter().map(|label| {
        let cell = |column: &String| {
            let own = outcomes.iter().filter(|own| own.label == *label);
            let values: Vec<f64> = own.filter_map(|own| own.looked_up.get(column).copied()).collect();
            Summary::of(&values).map_or("–".into(), Summary::text)
        };
        std::iter::once(label.clone()).chain(columns.iter().map(cell)).collect()
    });
    let head: Vec<String> = std::iter::once("method".into()).chain(columns.iter().cloned()).collect();
    grid(&head, rows)
}

fn searches(outcomes: &[Outcome]) -> String {
    let mut rows = Vec::new();
    for benchmark in distinct(outcomes, |outcome| &outcome.benchmark) {
        let own: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.benchmark == benchmark).collect();
        for label in distinct(own.iter().copied(), |outcome| &outcome.label) {
            let runs: Vec<&&Outcome> = own.iter().filter(|own| own.label == label).collect();
            let skips: Vec<String> = runs.iter().map(|run| run.skips.to_string()).collect();
            let minutes: Vec<f64> = runs.iter().map(|run| run.search_seconds / 60.0).collect();
            let minutes = Summary::of(&minutes).map_or("–".into(), |summary| format!("{:.1}", summary.mean));
            rows.push(vec![benchmark.clone(), label, skips.join(", "), minutes]);
        }
    }
    grid(&["benchmark", "method", "skips", "minutes"].map(String::from), rows.into_iter())
}

/// The columns of the benchmark's table that any of these has.
fn columns(outcomes: &[&Outcome]) -> Vec<String> {
    let mut columns: Vec<String> =
        outcomes.iter().flat_map(|outcome| outcome.looked_up.keys().cloned()).collect();
    columns.sort();
    columns.dedup();
    columns
}

/// The different values, in the order of their first appearance.
fn distinct<'a>(
    outcomes: impl IntoIterator<Item = &'a Outcome>,
    value: impl Fn(&'a Outcome) -> &'a String,
) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for outcome in outcomes {
        if !values.contains(value(outcome)) {
            values.push(value(outcome).clone());
        }
    }
    values
}

fn kind(source: &str) -> String {
    source.split(':').next().unwrap_or_default().into()
}

/// A Markdown table.
fn grid(head: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    line(head) + &rule + &rows.map(|row| line(&row)).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::outcome::Trained;

    fn outcome(label: &str, seed: u64, last: f64, best: f64) -> Outcome {
        let trained = Trained { parameters: 10, macs: 20, last, best, best_epoch: 3, seconds: 60.0 };
        Outcome { trained: Some(trained), ..Outcome::new("s1-cifar10", label, seed, "cifar10:x") }
    }

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        let summary = Summary::of(&[1.0, 2.0, 4.0]).unwrap();
        // Deviations from 7/3: squares sum to 14/3, over n − 1 = 2 gives 7/3.
        assert!((summary.std.unwrap() - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((summary.count, summary.best), (3, 4.0));
        assert_eq!(Summary::of(&[5.0]).unwrap().std, None);
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn last_and_best_epochs_are_told_apart() {
        let outcomes = [outcome("darts", 0, 90.0, 92.0), outcome("darts", 1, 91.0, 93.0)];
        let last = markdown(&outcomes, Selection::Last);
        assert!(last.contains("90.50 ± 0.71 (91.00)"), "{last}");
        assert!(!last.contains("CHOSEN"));
        let best = markdown(&outcomes, Selection::BestOnTest);
        assert!(best.contains("92.50 ± 0.71 (93.00)") && best.contains("CHOSEN BY TEST ACCURACY"), "{best}");
    }

    #[test]
    fn every_seed_has_its_line() {
        let outcomes = [outcome("darts", 0, 90.0, 92.0), outcome("noisydarts", 0, 95.0, 95.0)];
        let text = csv(&outcomes);
        let widths: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(widths, [13, 13, 13]);
    }
}
