//! DARTS+: the search ends when its criterion holds, and not before.

use search::methods::{Criterion, by_name};
use search::review::{History, Verdict};
use serde_json::{Value, json};

use crate::supernet::config;

fn verdict(criterion: Criterion, metrics: &[Value], alphas: &[Value]) -> Verdict {
    let mut config = config("darts+");
    config.darts_plus.criterion = criterion;
    by_name("darts+", &config).unwrap().review(&History { metrics, alphas, weight_decay: 3e-4 })
}

fn stop_of(verdict: &Verdict) -> Option<usize> {
    match verdict {
        Verdict::Stop { epoch, .. } => Some(*epoch),
        _ => None,
    }
}

#[test]
fn two_skip_connections_end_it() {
    let lines: Vec<Value> =
        [0, 1, 0, 1, 2, 5].into_iter().map(|skips| json!({ "normal_skips": skips })).collect();
    let stops: Vec<Option<usize>> =
        (1..=lines.len()).map(|count| stop_of(&verdict(Criterion::Skips, &lines[..count], &[]))).collect();
    assert_eq!(stops, [None, None, None, None, Some(4), Some(5)]);
}

/// Two edges; the last operation of the second is no learnable one.
fn alphas(first: [f64; 3], second: [f64; 3]) -> Value {
    json!({
        "ops": { "normal": [
            ["skip_connect", "sep_conv_3x3", "dil_conv_3x3"],
            ["sep_conv_5x5", "dil_conv_5x5", "max_pool_3x3"],
        ] },
        "alpha": { "normal": [first, second] },
    })
}

/// The epoch, from 0, in which the ranking criterion ends a search with these ends of epochs; line 0 is the start.
fn end(lines: &[Value]) -> Option<usize> {
    let metrics: Vec<Value> = lines.iter().skip(1).map(|_| json!({ "normal_skips": 8 })).collect();
    (1..lines.len()).find_map(|done| stop_of(&verdict(Criterion::Ranking, &metrics[..done], &lines[..=done])))
}

#[test]
fn a_ranking_that_stays_for_ten_epochs_ends_it() {
    let stays = vec![alphas([0.0, 2.0, 1.0], [1.0, 2.0, 0.0]); 20];
    assert_eq!(end(&stays), Some(9), "after ten epochs");

    let mut swapped = stays.clone();
    swapped[4] = alphas([0.0, 1.0, 2.0], [1.0, 2.0, 0.0]);
    assert_eq!(
        end(&swapped),
        Some(14),
        "ten epochs after the change back, which is seen at the end of epoch 5"
    );

    let mut other_edge = stays.clone();
    other_edge[3] = alphas([0.0, 2.0, 1.0], [2.0, 1.0, 0.0]);
    assert_eq!(end(&other_edge), Some(13));
}

#[test]
fn only_learnable_operations_are_ranked() {
    let mut lines = vec![alphas([0.0, 2.0, 1.0], [1.0, 2.0, 0.0]); 12];
    // The skip connection and the pool overtake the others every second epoch.
    lines.iter_mut().step_by(2).for_each(|line| *line = alphas([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]));
    assert_eq!(end(&lines), Some(9));
    assert_eq!(end(&lines[..10]), None, "nine epochs are too few");
}

#[test]
fn no_patience_is_refused() {
    let mut config = config("darts+");
    config.darts_plus.patience = 0;
    let message = by_name("darts+", &config).err().unwrap().to_string();
    assert!(message.contains("darts_plus.patience = 0"), "{message}");
}
