//! The validation loss and accuracy over a plane in the space of the architecture parameters (Figure 2 of the NoisyDARTS
//! paper, after SDARTS): a sharp peak or a rough surface at the found alphas tells of a search that has collapsed.

mod plan;
mod table;

pub use plan::Plan;
pub use table::{Landscape, Point};

use std::ops::Range;

use clap::ValueEnum;
use tch::{Kind, Tensor};

/// What spans a landscape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Span {
    /// The gradient of the validation loss with respect to alpha, and a Gaussian direction orthogonal to it.
    Gradient,
    /// Two Gaussian directions.
    Random,
}

/// How long both directions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Normalise {
    /// Each table's part of a direction (each kind of cell's) as long as that table's alphas.
    Table,
    /// As long as Gaussian directions are: entries of root mean square 1.
    None,
}

/// A plane through the found alphas.
#[derive(Debug)]
pub struct Plane {
    /// The alphas `[n]`.
    pub centre: Tensor,
    /// Both directions `[n]`.
    pub directions: [Tensor; 2],
}

impl Plane {
    /// The plane that these directions `[n]` span; `tables` are the ranges of each table's alphas, one behind the other.
    ///
    /// `d₂ ← d₂ − ⟨d₁, d₂⟩ / ‖d₁‖² · d₁` makes them orthogonal (DARTS-'s released code divides by `‖d₁‖`, which does not),
    /// within each table where tables are normalised by themselves, so that they stay so. A part of no length stays
    /// without.
    #[must_use]
    pub fn new(centre: &Tensor, directions: [&Tensor; 2], tables: &[Range<i64>], normalise: Normalise) -> Self {
        let whole = 0..centre.numel() as i64;
        let parts = if normalise == Normalise::Table { tables } else { std::slice::from_ref(&whole) };
        let within = |range: &Range<i64>| {
            let of =
                |tensor: &Tensor| tensor.narrow(0, range.start, range.end - range.start).to_kind(Kind::Double);
            let [first, second] = directions.map(of);
            let share = &first * (dot(&first, &second) / dot(&first, &first).max(f64::MIN_POSITIVE));
            let length = match normalise {
                Normalise::Table => norm(&of(centre)),
                Normalise::None => ((range.end - range.start) as f64).sqrt(),
            };
            [&first, &(second - share)].map(|part| scaled(part, length))
        };
        let parts: Vec<[Tensor; 2]> = parts.iter().map(within).collect();
        let joined = |at: usize| Tensor::cat(&parts.iter().map(|part| &part[at]).collect::<Vec<_>>(), 0);
        Self { directions: [0, 1].map(|at| joined(at).to_kind(centre.kind())), centre: centre.copy() }
    }

    /// The alphas at this point; the centre's own at (0, 0).
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> Tensor {
        &self.centre + &self.directions[0] * x + &self.directions[1] * y
    }

    /// Whether both directions lead anywhere.
    #[must_use]
    pub fn is_spanned(&self) -> bool {
        self.directions.iter().all(|direction| norm(direction) > 0.0)
    }
}

fn scaled(vector: &Tensor, length: f64) -> Tensor {
    let own = norm(vector);
    if own > 0.0 { vector * (length / own) } else { vector.shallow_clone() }
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    a.dot(b).double_value(&[])
}

fn norm(vector: &Tensor) -> f64 {
    vector.norm().double_value(&[])
}

/// `points` places from `-range` to `range`, evenly; an odd number has 0 in the middle, exactly.
#[must_use]
pub fn places(points: usize, range: f64) -> Vec<f64> {
    let last = points.saturating_sub(1).max(1) as f64;
    (0..points).map(|at| range * (2.0 * at as f64 - last) / last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    fn plane(normalise: Normalise) -> Plane {
        let draw = |step: u64, count: i64| {
            let mut stream = Seed(1).stream(Purpose::Landscape, step);
            Tensor::from_slice(&(0..count).map(|_| stream.unit() - 0.5).collect::<Vec<f64>>())
        };
        // Correlated, and of lengths far from 1.
        let first = draw(0, 70) * 30.0;
        let second = &first * 0.5 + draw(1, 70);
        Plane::new(&(draw(2, 70) * 0.1), [&first, &second], &[0..30, 30..70], normalise)
    }

    #[test]
    fn directions_are_orthogonal_and_as_long_as_said() {
        for normalise in [Normalise::None, Normalise::Table] {
            let Plane { centre, directions: [first, second] } = plane(normalise);
            let cosine = dot(&first, &second) / norm(&first) / norm(&second);
            assert!(cosine.abs() < 1e-14, "{cosine:e}");
            for direction in [&first, &second] {
                let length = match normalise {
                    Normalise::Table => norm(&centre),
                    Normalise::None => 70_f64.sqrt(),
                };
                assert!((norm(direction) / length - 1.0).abs() < 1e-14);
                let [own, alphas] = [direction, &centre].map(|tensor| norm(&tensor.narrow(0, 30, 40)));
                assert_eq!((own / alphas - 1.0).abs() < 1e-14, normalise == Normalise::Table);
            }
        }
    }

    #[test]
    fn the_middle_is_the_centre_itself() {
        let plane = plane(Normalise::None);
        let places = places(5, 0.3);
        assert_eq!(places, [-0.3, -0.15, 0.0, 0.15, 0.3]);
        assert_eq!(plane.at(places[2], places[2]), plane.centre);
        assert_eq!(super::places(4, 3.0), [-3.0, -1.0, 1.0, 3.0]);
    }

    #[test]
    fn a_direction_that_vanishes_is_not_divided_by() {
        let [zero, one] =
            [Tensor::zeros([4], (Kind::Float, tch::Device::Cpu)), Tensor::from_slice(&[1_f32; 4])];
        for normalise in [Normalise::None, Normalise::Table] {
            let plane = Plane::new(&one, [&zero, &one], &[0..2, 2..4], normalise);
            assert!(!plane.is_spanned());
            assert_eq!(plane.directions, [zero.shallow_clone(), one.shallow_clone()]);
        }
        let nowhere = Plane::new(&zero, [&one, &zero], &[0..2, 2..4], Normalise::Table);
        assert!(!nowhere.is_spanned() && nowhere.at(1.0, 1.0) == zero);
    }
}
