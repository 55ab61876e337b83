//! Published figures, and how far counts are from them.

use serde::Serialize;

use crate::report::Cell;

/// A published number: `97.35±0.23`, `534`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) mean: Rounded,
    /// Standard deviation, where it is given.
    pub(super) std: Option<Rounded>,
}

/// A number as printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rounded {
    pub(super) value: f64,
    /// Digits after the point.
    decimals: usize,
}

/// What was counted: of one network, or of several.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Statistic {
    One(u64),
    Several {
        mean: f64,
        /// Sample standard deviation.
        std: f64,
    },
}

/// A count less the published figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Difference {
    /// In millions; of several networks, of their mean.
    millions: f64,
    /// Whether it is no more than the rounding of the published figure, that of its standard deviation too.
    pub(super) vanishes: bool,
    #[serde(skip)]
    decimals: usize,
}

impl Figure {
    /// Reads a published cell; marks behind the number do not matter. None where there is no number.
    pub(super) fn parse(cell: &str) -> Option<Self> {
        let end = cell.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '±')).unwrap_or(cell.len());
        let (mean, std) =
            cell[..end].split_once('±').map_or((&cell[..end], None), |(mean, std)| (mean, Some(std)));
        Some(Self { mean: Rounded::parse(mean)?, std: std.and_then(Rounded::parse) })
    }

    /// How far a count is from this, which is in millions.
    pub(super) fn difference(&self, counted: &Statistic) -> Difference {
        let (mean, std) = match counted {
            Statistic::One(count) => (*count as f64, None),
            Statistic::Several { mean, std } => (*mean, Some(*std)),
        };
        let std_agrees = match (self.std, std) {
            (Some(published), Some(std)) => published.is(std / 1e6),
            (published, _) => published.is_none(),
        };
        Difference {
            millions: mean / 1e6 - self.mean.value,
            vanishes: self.mean.is(mean / 1e6) && std_agrees,
            decimals: self.mean.decimals,
        }
    }
}

impl Rounded {
    fn parse(text: &str) -> Option<Self> {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        Some(Self { value: text.parse().ok()?, decimals })
    }

    /// Half a unit of the last digit.
    pub(super) fn half(&self) -> f64 {
        0.5 * 10f64.powi(-(self.decimals as i32))
    }

    /// Whether this is what the value rounds to; a value half-way may be rounded either way.
    fn is(&self, value: f64) -> bool {
        (value - self.value).abs() <= self.half() + 1e-9
    }
}

impl Statistic {
    /// Of these counts.
    pub(super) fn of(counts: &[u64]) -> Self {
        if let [count] = counts {
            return Self::One(*count);
        }
        let number = counts.len() as f64;
        let mean = counts.iter().sum::<u64>() as f64 / number;
        let squares: f64 = counts.iter().map(|&count| (count as f64 - mean).powi(2)).sum();
        Self::Several { mean, std: (squares / (number - 1.0)).sqrt() }
    }

    pub(super) fn cell(&self) -> Cell {
        match self {
            Self::One(count) => Cell::Count(*count),
            Self::Several { mean, std } => Cell::Spread(mean.round() as u64, std.round() as u64),
        }
    }
}

impl Difference {
    pub(super) fn cell(&self) -> Cell {
        let decimals = self.decimals + 1;
        if self.vanishes { "0".into() } else { format!("{:+.decimals$}", self.millions).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vanishes(published: &str, counts: &[u64]) -> bool {
        Figure::parse(published).unwrap().difference(&Statistic::of(counts)).vanishes
    }

    #[test]
    fn marks_are_passed_over_and_dashes_are_no_numbers() {
        let figure = Figure::parse("97.00±0.14*").unwrap();
        assert_eq!((figure.mean.value, figure.std.unwrap().value), (97.0, 0.14));
        assert_eq!(Figure::parse("528†").unwrap().mean, Rounded { value: 528.0, decimals: 0 });
        assert_eq!([Figure::parse("-"), Figure::parse("P-DARTS")], [None, None]);
    }

    #[test]
    fn differences_vanish_up_to_the_last_printed_digit() {
        assert!(vanishes("3.3", &[3_257_110]) && vanishes("534", &[534_499_999]));
        assert!(!vanishes("3.2", &[3_257_110]) && !vanishes("534", &[534_500_001]));
        assert!(vanishes("2.0±1.41", &[1_000_000, 3_000_000]));
        assert!(!vanishes("2.0±1.00", &[1_000_000, 3_000_000]));
        assert!(!vanishes("2.0±1.00", &[2_000_000]));
    }

    #[test]
    fn differences_show_one_digit_more_than_was_published() {
        let difference = Figure::parse("528†").unwrap().difference(&Statistic::One(500_987_520));
        assert_eq!(difference.cell(), "-27.0".into());
    }
}
