//! What stands above a table: command, machine, versions.

use std::{env, fs, thread};

use super::measure::Measurement;

/// The command, what was run how often, and with which versions.
pub(super) fn of(measured: &[Measurement]) -> String {
    let versions = measured.first().map_or_else(String::new, |first| {
        let [ours, theirs] = [0, 1].map(|side| first.printed[side]["torch"].as_str().unwrap_or("unknown"));
        format!("; libtorch {ours} against PyTorch {theirs}")
    });
    let pairs = measured.first().map_or(0, |first| first.pairs.len());
    let mut steps: Vec<String> = Vec::new();
    for one in measured {
        let shown = format!("{} {}", one.comparison.name, one.steps);
        if !steps.contains(&shown) {
            steps.push(shown);
        }
    }
    format!(
        "{}{versions}. {pairs} pairs, who runs first in turn; timed steps per run, after one that is not: {}. Medians; \
         ratios of pairs with the 95 % interval of a bootstrap.\n",
        machine(),
        steps.join(", ")
    )
}

/// The command, and where it runs.
pub(super) fn machine() -> String {
    let words: Vec<String> = env::args().skip(1).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "`cargo xtask {}`: {threads} hardware threads of {}, {}",
        words.join(" "),
        processor(),
        env::consts::OS
    )
}

/// The processor's name, where Linux tells it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| env::consts::ARCH.to_string(), |(_, name)| name.trim().to_string())
}
