//! What conventions differ in: numbers of elements, kind by kind.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Index, IndexMut};

/// A kind of thing that some convention counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Multiply-adds of convolutions and linear layers, without bias.
    ConvLinear,
    /// Output elements of convolutions and linear layers that have a bias.
    Bias,
    /// Elements that batch norms compute.
    BatchNorm,
    /// Elements that squeeze-and-excitation averages.
    Squeezed,
    /// Elements into the other global average pools.
    GlobalIn,
    /// Elements out of them.
    GlobalOut,
    /// Elements into windowed average pools.
    AverageIn,
    /// Elements out of them.
    AverageOut,
    /// Elements into max pools.
    MaxIn,
    /// Elements through `ReLU`.
    Relu,
    /// Elements through `ReLU6`.
    Relu6,
    /// Elements through Swish.
    Swish,
}

impl Term {
    /// Every term, in the order of the variants.
    pub const ALL: [Self; 12] = [
        Self::ConvLinear,
        Self::Bias,
        Self::BatchNorm,
        Self::Squeezed,
        Self::GlobalIn,
        Self::GlobalOut,
        Self::AverageIn,
        Self::AverageOut,
        Self::MaxIn,
        Self::Relu,
        Self::Relu6,
        Self::Swish,
    ];

    /// What it is, for a line of a report.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ConvLinear => "convolutions and linear layers",
            Self::Bias => "biases",
            Self::BatchNorm => "batch norms",
            Self::Squeezed => "means of squeeze-and-excitation",
            Self::GlobalIn => "global pools, in",
            Self::GlobalOut => "global pools, out",
            Self::AverageIn => "average pools, in",
            Self::AverageOut => "average pools, out",
            Self::MaxIn => "max pools, in",
            Self::Relu => "ReLU",
            Self::Relu6 => "ReLU6",
            Self::Swish => "Swish",
        }
    }
}

/// A count of each [`Term`]: of a node, or of a whole network. Sums stop at the largest integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms([u64; Term::ALL.len()]);

impl Terms {
    /// One term alone.
    #[must_use]
    pub fn one(term: Term, count: u64) -> Self {
        let mut terms = Self::default();
        terms[term] = count;
        terms
    }

    /// For this many images.
    #[must_use]
    pub fn times(self, images: u64) -> Self {
        Self(self.0.map(|count| count.saturating_mul(images)))
    }
}

impl Index<Term> for Terms {
    type Output = u64;

    fn index(&self, term: Term) -> &u64 {
        &self.0[term as usize]
    }
}

impl IndexMut<Term> for Terms {
    fn index_mut(&mut self, term: Term) -> &mut u64 {
        &mut self.0[term as usize]
    }
}

impl Add for Terms {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Terms {
    fn add_assign(&mut self, other: Self) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(count);
        }
    }
}

impl Sum for Terms {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::default(), Add::add)
    }
}
