//! From times to ratios, and from ratios to a verdict.

use serde::Serialize;

use super::processes::Found;
use crate::{
    error::{Error, Result},
    measure::{
        bootstrap::{Ratio, typical},
        contest::Sample,
    },
};

/// The time that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// Time on a core: of the thread, or of all threads together
    Cpu,
    /// Time that passed
    Wall,
}

impl By {
    /// On one thread both mean the same, but other programs hardly disturb CPU time; it is judged whether the machine is busy or not,
    /// so that a verdict does not depend on that. What more threads gain shows in wall time alone.
    pub(super) fn usual(mut threads: impl Iterator<Item = u16>) -> Self {
        if threads.all(|threads| threads == 1) { Self::Cpu } else { Self::Wall }
    }
}

/// Whether B is slower than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// That is not shown.
    Holds,
    /// The whole interval lies beyond the threshold.
    Slower,
    /// The measurement is too coarse for the threshold.
    Undecided,
}

/// By one clock.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ratios {
    /// Typical times of A and B, in milliseconds per run: lower quartiles over the rounds.
    pub(crate) times: [f64; 2],
    /// Time of B over that of A.
    pub(crate) ratio: Ratio,
    /// A against itself, where the truth is 1.
    pub(crate) control: Ratio,
}

/// A and B.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) a: String,
    pub(crate) b: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cpu: Option<Ratios>,
    pub(crate) wall: Ratios,
    pub(crate) outcome: Outcome,
    /// The outcome in words.
    pub(crate) verdict: String,
}

impl Comparison {
    /// With the verdict by the clock that is asked for.
    pub(super) fn new(
        [a, b]: [String; 2],
        cpu: Option<Ratios>,
        wall: Ratios,
        by: By,
        threshold: f64,
    ) -> Result<Self> {
        let judged = match by {
            By::Wall => Some(&wall),
            By::Cpu => cpu.as_ref(),
        };
        let unknown = || Error::Flag {
            flag: "--by",
            problem: "this system does not tell CPU time; use --by wall".into(),
        };
        let (outcome, verdict) = judged.ok_or_else(unknown)?.judge(threshold);
        Ok(Self { a, b, cpu, wall, outcome, verdict })
    }
}

impl Ratios {
    /// By this clock, of rounds with samples of A, of B, and of a twin of A; none where the system does not tell its time.
    pub(crate) fn of(found: &[Found], by: By) -> Option<Self> {
        let processes = rounds(found, by)?;
        let all = processes.concat();
        let logarithms = processes.iter().map(|rounds| logarithms(rounds));
        let (ratio, control): (Vec<f64>, Vec<f64>) =
            logarithms.map(|[a, b, twin]| (b - f64::midpoint(a, twin), twin - a)).unzip();
        Some(Self {
            times: [0, 1].map(|at| typical(all.iter().map(|round| round[at]))),
            ratio: Ratio::of_processes(&ratio),
            control: Ratio::of_processes(&control),
        })
    }

    fn judge(&self, threshold: f64) -> (Outcome, String) {
        let (Ratio { ratio, interval: [low, high] }, control) = (self.ratio, self.control);
        let limit = percent(threshold);
        if control.half_width() > threshold || (control.ratio - 1.0).abs() > threshold {
            let (by, width) = (percent(control.ratio - 1.0), percent(control.half_width()));
            let problem =
                format!("A differs from itself by {by} ± {width}, too coarse for a threshold of {limit}");
            return (Outcome::Undecided, problem);
        }
        let range = format!("B takes {ratio:.3} times as long as A [{low:.3}, {high:.3}]");
        if low > 1.0 + threshold {
            return (Outcome::Slower, format!("{range}: slower by more than {limit}"));
        }
        let rest = if high > 1.0 + threshold { "not shown to be" } else { "not" };
        (Outcome::Holds, format!("{range}: {rest} slower by more than {limit}"))
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Of rounds with samples of A, of B, and of a twin of A. The twin is no second measurement before the first: it runs in the same
/// rounds, so it vouches for the very times that are judged; and A's time is the geometric mean of both.
pub(super) fn of_processes(names: [String; 2], found: &[Found], by: By, threshold: f64) -> Result<Comparison> {
    let [cpu, wall] = [By::Cpu, By::Wall].map(|by| Ratios::of(found, by));
    let empty =
        || Error::Child { problem: "measure in a process of its own: it found nothing".into(), status: 1 };
    Comparison::new(names, cpu, wall.ok_or_else(empty)?, by, threshold)
}

/// Of A, B, and the twin, in each round of each process.
fn rounds(found: &[Found], by: By) -> Option<Vec<Vec<[f64; 3]>>> {
    let clock = |sample: &Sample| match by {
        By::Cpu => sample.cpu,
        By::Wall => Some(sample.wall),
    };
    let times = |round: &Vec<Sample>| match round.as_slice() {
        [a, b, twin] => Some([clock(a)?, clock(b)?, clock(twin)?]),
        _ => None,
    };
    let process = |found: &Found| found.rounds.rounds.iter().map(times).collect();
    found.iter().map(process).collect()
}

/// Of the typical times of A, B and the twin.
fn logarithms(rounds: &[[f64; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|at| typical(rounds.iter().map(|round| round[at])).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::contest::Held;

    fn judge(found: [f64; 3], control: [f64; 3]) -> (Outcome, String) {
        let ratio = |[low, ratio, high]: [f64; 3]| Ratio { ratio, interval: [low, high] };
        Ratios { times: [1.0, 1.0], ratio: ratio(found), control: ratio(control) }.judge(0.03)
    }

    #[test]
    fn the_whole_interval_must_be_beyond_the_threshold() {
        let good = [0.99, 1.0, 1.01];
        assert_eq!(judge([1.031, 1.05, 1.07], good).0, Outcome::Slower);
        let (outcome, words) = judge([1.029, 1.05, 1.07], good);
        assert_eq!(outcome, Outcome::Holds);
        assert_eq!(
            words,
            "B takes 1.050 times as long as A [1.029, 1.070]: not shown to be slower by more than 3.0 %"
        );
        assert!(judge([0.7, 0.8, 0.9], good).1.ends_with("[0.700, 0.900]: not slower by more than 3.0 %"));
    }

    #[test]
    fn no_verdict_beyond_what_a_against_a_tells_apart() {
        let (outcome, words) = judge([1.5, 1.6, 1.7], [0.96, 1.0, 1.06]);
        assert_eq!(outcome, Outcome::Undecided);
        assert_eq!(words, "A differs from itself by 0.0 % ± 5.0 %, too coarse for a threshold of 3.0 %");
        assert_eq!(judge([1.0, 1.0, 1.0], [1.04, 1.05, 1.06]).0, Outcome::Undecided, "a twin that is no twin");
    }

    /// Two processes on a machine that is once half as fast: ratios are made within each of them.
    #[test]
    fn times_are_compared_within_processes() {
        let sample = |wall: f64| Sample { wall, cpu: Some(wall / 2.0) };
        let found = [1.0, 2.0].map(|slow| {
            let round = vec![sample(8.0 * slow), sample(10.0 * slow), sample(8.0 * slow)];
            let conditions = crate::measure::system::conditions::Conditions::default();
            Found { rounds: Held { rounds: vec![round; 5], steady: true, conditions }, pinned: None }
        });
        let names = ["a", "b"].map(String::from);
        let compared = of_processes(names, &found, By::Cpu, 0.03).unwrap();
        assert!((compared.wall.ratio.ratio - 1.25).abs() < 1e-9 && compared.wall.ratio.half_width() < 1e-9);
        assert_eq!((compared.outcome, compared.cpu.unwrap().times), (Outcome::Slower, [4.0, 5.0]));
    }

    #[test]
    fn more_threads_are_judged_by_the_wall() {
        assert_eq!([By::usual([1, 1].into_iter()), By::usual([1, 2].into_iter())], [By::Cpu, By::Wall]);
    }
}
