//! What else went on while something was measured.

use models::proc::{field, number, text};
use serde::{Deserialize, Serialize};

use super::cores;

/// From one moment to another, as far as the system tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conditions {
    /// Programs that ran or wanted to, averaged over the last minute.
    pub(crate) load_average: Option<f64>,
    /// Share of all cores' time, in percent, that the host of a virtual machine gave to others.
    pub(crate) steal_percent: Option<f64>,
    /// How often the measuring thread waited of itself.
    pub(crate) voluntary_switches: Option<u64>,
    /// How often another one was put in its place.
    pub(crate) involuntary_switches: Option<u64>,
    /// Clock of the core that it ran on at the end, in MHz.
    pub(crate) frequency_mhz: Option<f64>,
    /// The hottest sensor at the end, in degrees Celsius.
    pub(crate) temperature: Option<f64>,
}

/// The worst of several, in words: as much as the system tells.
pub(crate) fn worst(all: &[&Conditions]) -> String {
    let load = all.iter().filter_map(|conditions| conditions.load_average).reduce(f64::max);
    let steal = all.iter().filter_map(|conditions| conditions.steal_percent).reduce(f64::max);
    let switches: Option<u64> = all.iter().map(|conditions| conditions.involuntary_switches).sum();
    let load = load.map(|load| format!("load average {load:.1}"));
    let steal = steal.map(|steal| format!("{steal:.1} % of the time stolen"));
    let switches = switches.map(|switches| format!("interrupted {switches} times by other programs"));
    [load, steal, switches].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Counters at the beginning.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    /// Stolen and total time of all cores.
    ticks: Option<[u64; 2]>,
    /// Voluntary and other context switches of this thread.
    switches: Option<[u64; 2]>,
}

impl Snapshot {
    pub(crate) fn take() -> Self {
        Self {
            ticks: text("/proc/stat").and_then(|text| ticks(&text)),
            switches: text("/proc/thread-self/status").and_then(|text| switches(&text)),
        }
    }

    /// What there was since then.
    pub(crate) fn until_now(&self) -> Conditions {
        let now = Self::take();
        let since = |then: Option<[u64; 2]>, now: Option<[u64; 2]>| {
            then.zip(now).map(|(then, now)| [0, 1].map(|i| now[i].saturating_sub(then[i])))
        };
        let ticks = since(self.ticks, now.ticks).filter(|[_, total]| *total > 0);
        let switches = since(self.switches, now.switches);
        Conditions {
            load_average: text("/proc/loadavg").as_deref().and_then(number),
            steal_percent: ticks.map(|[stolen, total]| 100.0 * stolen as f64 / total as f64),
            voluntary_switches: switches.map(|[voluntary, _]| voluntary),
            involuntary_switches: switches.map(|[_, involuntary]| involuntary),
            frequency_mhz: frequency(),
            temperature: temperature(),
        }
    }
}

/// Stolen and total time in the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal; the guests' time
/// that follows is part of the user's.
fn ticks(stat: &str) -> Option<[u64; 2]> {
    let values: Option<Vec<u64>> =
        stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().take(8).map(|v| v.parse().ok()).collect();
    let values = values.filter(|values| values.len() == 8)?;
    Some([values[7], values.iter().sum()])
}

fn switches(status: &str) -> Option<[u64; 2]> {
    let count = |name| Some(number(field(status, name)?)? as u64);
    Some([count("voluntary_ctxt_switches")?, count("nonvoluntary_ctxt_switches")?])
}

fn frequency() -> Option<f64> {
    let core = cores::current();
    let file = |core| text(&format!("/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq"));
    let kilohertz = core.and_then(file).as_deref().and_then(number);
    let megahertz = || number(field(&text("/proc/cpuinfo")?, "cpu MHz")?);
    kilohertz.map(|kilohertz| kilohertz / 1e3).or_else(megahertz)
}

fn temperature() -> Option<f64> {
    let zones = (0..).map_while(|zone| text(&format!("/sys/class/thermal/thermal_zone{zone}/temp")));
    let degrees = zones.filter_map(|zone| number(&zone)).map(|millidegrees| millidegrees / 1e3);
    degrees.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel() {
        let stat = "cpu  100 20 30 400 5 6 7 32 9 9\ncpu0 1 2 3 4 5 6 7 8 0 0\n";
        assert_eq!(ticks(stat), Some([32, 600]));
        assert_eq!(ticks("cpu  1 2"), None);
        let status = "Name:\tx\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t3\n";
        assert_eq!(switches(status), Some([7, 3]));
    }

    #[test]
    fn the_worst_in_words() {
        let [idle, busy] = [(0.5, 3), (7.25, 40)].map(|(load, switches)| Conditions {
            load_average: Some(load),
            involuntary_switches: Some(switches),
            ..Conditions::default()
        });
        assert_eq!(worst(&[&busy, &idle]), "load average 7.2; interrupted 43 times by other programs");
        assert_eq!(worst(&[&Conditions::default()]), "");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn waiting_is_seen() {
        let before = Snapshot::take();
        for _ in 0..5 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let conditions = before.until_now();
        assert!(conditions.voluntary_switches >= Some(5), "{conditions:?}");
        assert!(conditions.load_average.is_some() && conditions.steal_percent.is_some(), "{conditions:?}");
    }
}
