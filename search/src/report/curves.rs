//! What some searches have beside weights and accuracies: the Hessian's eigenvalue, a learned sigma.

use serde_json::Value;

use super::chart::{Chart, Series};
use super::epochs;
use crate::cost::Term;
use crate::diagnostics::smooth::{WINDOW, smoothed};

/// The largest eigenvalue of the validation loss's Hessian with respect to alpha, as it is and smoothed as in Figure 1;
/// nothing where it was not computed.
pub(super) fn eigenvalues(metrics: &[Value]) -> Option<String> {
    // An epoch's line counts the epochs done; the eigenvalue is that after the epoch.
    let points: Vec<(f64, f64)> =
        metrics.iter().filter_map(|line| Some((epochs(line)?, line["eigenvalue"].as_f64()?))).collect();
    if points.is_empty() {
        return None;
    }
    let (places, values): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let smooth = places.into_iter().zip(smoothed(&values, WINDOW)).collect();
    let series = vec![
        Series { name: "eigenvalue".into(), points },
        Series { name: format!("mean of {WINDOW}"), points: smooth },
    ];
    Some(Chart::new("Largest eigenvalue of the Hessian").series(series).svg())
}

/// The expected cost of the architecture, in the unit of this term of the settings; nothing where it has none.
pub(super) fn costs(metrics: &[Value], term: Term) -> Option<String> {
    let unit = match term {
        Term::None => return None,
        Term::Macs => "MACs",
        Term::Params => "parameters",
        Term::Memory => "bytes of activations",
        Term::Latency => "milliseconds",
    };
    let points = metrics.iter().filter_map(|line| Some((epochs(line)?, line["expected_cost"].as_f64()?)));
    let series = Series { name: unit.into(), points: points.collect() };
    Some(Chart::new(&format!("Expected cost in {unit}")).series(vec![series]).svg())
}

/// The learned sigma of the noise: mean, least and largest over all edges; nothing where none is learned.
pub(super) fn sigmas(lines: &[Value]) -> Option<String> {
    let each: Vec<(f64, Vec<f64>)> = lines
        .iter()
        .filter_map(|line| Some((epochs(line)?, sigmas_of(line))))
        .filter(|(_, sigmas)| !sigmas.is_empty())
        .collect();
    if each.is_empty() {
        return None;
    }
    let series = |name: &str, of: fn(&[f64]) -> f64| Series {
        name: name.into(),
        points: each.iter().map(|(epoch, sigmas)| (*epoch, of(sigmas))).collect(),
    };
    let all = vec![
        series("mean", |sigmas| sigmas.iter().sum::<f64>() / sigmas.len() as f64),
        series("least", |sigmas| sigmas.iter().copied().fold(f64::INFINITY, f64::min)),
        series("largest", |sigmas| sigmas.iter().copied().fold(0.0, f64::max)),
    ];
    Some(Chart::new("Learned sigma over the edges").series(all).svg())
}

/// The sigmas of all edges in a line of `alphas.jsonl`, which has their logarithms.
fn sigmas_of(line: &Value) -> Vec<f64> {
    let tables = line.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("log_sigma."));
    tables
        .flat_map(|(_, logs)| logs.as_array().into_iter().flatten())
        .filter_map(Value::as_f64)
        .map(f64::exp)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn charts_are_there_where_there_is_something_to_show() {
        let metrics = [json!({ "epoch": 1, "step": 0, "eigenvalue": 0.2 }), json!({ "epoch": 2, "step": 0 })];
        assert!(eigenvalues(&metrics).unwrap().contains("mean of 5"));
        assert_eq!(eigenvalues(&metrics[1..]), None);
        assert!(costs(&metrics, Term::Macs).is_some_and(|chart| chart.contains("Expected cost in MACs")));
        assert_eq!(costs(&metrics, Term::None), None);
        let alphas = [json!({ "epoch": 0, "step": 0, "log_sigma.normal": [0.0, 1.0] })];
        assert_eq!(sigmas_of(&alphas[0]), [1.0, 1_f64.exp()]);
        assert!(sigmas(&alphas).is_some() && sigmas(&metrics).is_none());
    }
}
