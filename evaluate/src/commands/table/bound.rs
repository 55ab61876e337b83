//! Whether a best run can belong to the mean and standard deviation beside it.

use super::data::{BestOf, Data, Row};
use super::figure::Figure;

/// How far above their mean the best of several runs is, in standard deviations, at least: rounding is granted in its favour.
fn least_ratio(data: &Data, columns: &BestOf, row: &Row) -> Option<f64> {
    let figure = |head: &str| row.cell(data, head).and_then(Figure::parse);
    let (mean, best) = (figure(&columns.mean)?, figure(&columns.best)?.mean);
    let std = mean.std?;
    let gap = (best.value - best.half()) - (mean.mean.value + mean.mean.half());
    Some(gap / (std.value + std.half()))
}

/// What follows for each row, where something does.
///
/// Of n numbers the largest exceeds the mean by at most √(n-1) standard deviations with the divisor n, and (n-1)/√n with n-1
/// (Samuelson's inequality, 1968).
pub(super) fn findings(data: &Data) -> Vec<Option<String>> {
    let Some(columns) = &data.best_of else { return data.rows.iter().map(|_| None).collect() };
    data.rows
        .iter()
        .map(|row| least_ratio(data, columns, row).and_then(|ratio| finding(ratio, columns)))
        .collect()
}

fn finding(ratio: f64, columns: &BestOf) -> Option<String> {
    let runs = f64::from(columns.runs);
    let (population, sample) = ((runs - 1.0).sqrt(), (runs - 1.0) / runs.sqrt());
    let fact = format!(
        "The best of {} is at least {ratio:.3} standard deviations above the mean, rounding considered",
        columns.runs
    );
    if ratio > population {
        Some(format!(
            "{fact}; no {runs} numbers allow more than {population:.3}, so it is not of the same runs."
        ))
    } else if ratio > sample {
        Some(format!("{fact}; with the divisor n - 1 it could be {sample:.3} at most, so the divisor was n."))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ratio: f64) -> Option<String> {
        finding(ratio, &BestOf { runs: 3, mean: String::new(), best: String::new() })
    }

    /// √2 = 1.414 and 2/√3 = 1.155.
    #[test]
    fn three_runs_have_two_bounds() {
        assert_eq!(of(1.15), None);
        assert!(of(1.16).unwrap().contains("divisor was n"));
        assert!(of(1.42).unwrap().contains("not of the same runs"));
    }
}
