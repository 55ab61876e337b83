//! Eigenvalues of symmetric matrices: all of a small one, and the largest of one that is only known by its products.
//!
//! "Largest" is the largest real eigenvalue, as RobustDARTS has it, not the largest in magnitude.

use tch::{Device, Kind, Tensor};

/// When to end an iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bound on the residual `|A v − λ v|` for a unit vector v, in units of the spectral norm as far as it is known.
    /// An eigenvalue lies that near λ, and λ is more exact still (the error of the value is quadratic in that of v).
    pub tolerance: f64,
    /// Most matrix-vector products; at least 1.
    pub products: usize,
}

impl Default for Limits {
    /// A relative residual of 1e-4 within 100 products.
    fn default() -> Self {
        Self { tolerance: 1e-4, products: 100 }
    }
}

/// The largest eigenvalue as an iteration found it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Largest {
    /// The eigenvalue.
    pub value: f64,
    /// Matrix-vector products that it took.
    pub products: usize,
    /// Whether the tolerance was met within the limit of products.
    pub converged: bool,
}

/// All eigenvalues of a symmetric matrix `[n, n]`, ascending, computed in double precision. Only its lower triangle is
/// read.
///
/// # Panics
/// When an entry is not finite.
#[must_use]
pub fn symmetric(matrix: &Tensor) -> Vec<f64> {
    numbers(&double(matrix).linalg_eigvalsh("L"))
}

/// The largest eigenvalue by Lanczos's method with full reorthogonalisation (Golub and Van Loan, Matrix Computations,
/// §10.1), from a `start` `[n]` that should be random: what is orthogonal to it cannot be found.
///
/// `product` gives the symmetric matrix times a vector of the kind and on the device of `start`; the iteration itself
/// is in double precision. Where the start's Krylov space is exhausted, its largest eigenvalue is exact.
#[must_use]
pub fn lanczos(start: &Tensor, limits: Limits, mut product: impl FnMut(&Tensor) -> Tensor) -> Largest {
    let mut basis = vec![unit(&double(start))];
    let (mut diagonal, mut off_diagonal) = (Vec::new(), Vec::new());
    loop {
        let last = &basis[basis.len() - 1];
        let mut next = double(&product(&as_start(last, start)));
        diagonal.push(next.dot(last).double_value(&[]));
        next = orthogonal_to(&basis, next);
        let beta = norm(&next);
        let ritz = Ritz::largest(&diagonal, &off_diagonal);
        let products = diagonal.len();
        let exhausted = products == start.numel();
        let converged = exhausted || beta * ritz.last <= limits.tolerance * ritz.norm;
        if converged || products >= limits.products || !beta.is_finite() {
            return Largest { value: ritz.value, products, converged };
        }
        off_diagonal.push(beta);
        basis.push(next / beta);
    }
}

/// The largest eigenvalue by power iteration, with the arguments of [`lanczos`]; simpler, and much slower where the
/// largest eigenvalues are close to each other.
///
/// Power iteration finds the largest magnitude. Where that is a negative eigenvalue's, or a negative one comes close,
/// the matrix is shifted by its norm, which turns the order of magnitudes into that of values.
#[must_use]
pub fn power(start: &Tensor, limits: Limits, mut product: impl FnMut(&Tensor) -> Tensor) -> Largest {
    let mut vector = unit(&double(start));
    let (mut length, mut residual) = (0.0, f64::INFINITY);
    let (mut shift, mut products) = (0.0_f64, 0);
    loop {
        let image = double(&product(&as_start(&vector, start)));
        products += 1;
        let value = vector.dot(&image).double_value(&[]);
        let length_before = std::mem::replace(&mut length, norm(&image));
        let residual_before = std::mem::replace(&mut residual, norm(&(&image - &vector * value)));
        let converged = residual <= limits.tolerance * length.max(shift) && (shift > 0.0 || value >= 0.0);
        if converged || products >= limits.products || !length.is_finite() {
            return Largest { value, products, converged };
        }
        // Lengths grow towards the norm. Once they hardly do, a small value tells of a large negative eigenvalue, and a
        // residual that stays tells of two of nearly the same magnitude.
        let stuck = value < length / 2.0 || residual > STUCK * residual_before;
        if shift > 0.0 || (length < SETTLED * length_before && stuck) {
            shift = shift.max(MARGIN * length);
        }
        vector = unit(&(image + vector * shift));
    }
}

/// Growth of the lengths below which they count as settled.
const SETTLED: f64 = 1.01;
/// Fall of the residual above which it counts as staying.
const STUCK: f64 = 0.99;
/// What the shift is larger by than the norm found so far.
const MARGIN: f64 = 1.05;

/// What the tridiagonal matrix of a Lanczos iteration says.
struct Ritz {
    /// Its largest eigenvalue.
    value: f64,
    /// Magnitude of the last entry of that eigenvalue's vector.
    last: f64,
    /// Its norm.
    norm: f64,
}

impl Ritz {
    fn largest(diagonal: &[f64], off_diagonal: &[f64]) -> Self {
        let beside = |offset| Tensor::from_slice(off_diagonal).diag(offset);
        let mut matrix = Tensor::from_slice(diagonal).diag(0);
        if !off_diagonal.is_empty() {
            matrix = matrix + beside(1) + beside(-1);
        }
        let (values, vectors) = matrix.linalg_eigh("L");
        let at = diagonal.len() as i64 - 1;
        Self {
            value: values.double_value(&[at]),
            last: vectors.double_value(&[at, at]).abs(),
            norm: values.abs().max().double_value(&[]),
        }
    }
}

/// What is left of a vector outside the span of an orthonormal basis. Twice is enough (Kahan and Parlett).
fn orthogonal_to(basis: &[Tensor], mut vector: Tensor) -> Tensor {
    let basis = Tensor::stack(basis, 0);
    for _ in 0..2 {
        vector = &vector - basis.tr().mv(&basis.mv(&vector));
    }
    vector
}

fn as_start(vector: &Tensor, start: &Tensor) -> Tensor {
    vector.to_device(start.device()).to_kind(start.kind())
}

fn double(tensor: &Tensor) -> Tensor {
    tensor.detach().to_device(Device::Cpu).to_kind(Kind::Double)
}

fn norm(vector: &Tensor) -> f64 {
    vector.norm().double_value(&[])
}

fn unit(vector: &Tensor) -> Tensor {
    // A zero vector stays one instead of becoming NaN: the zero matrix maps every start to it.
    vector / norm(vector).max(f64::MIN_POSITIVE)
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let mut numbers = vec![0.0; tensor.numel()];
    tensor.contiguous().copy_data(&mut numbers, tensor.numel());
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    fn vector(seed: u64, n: usize) -> Tensor {
        let mut stream = Seed(seed).stream(Purpose::Alphas, 0);
        let values: Vec<f64> = (0..n).map(|_| stream.next_u64() as f64 / u64::MAX as f64 - 0.5).collect();
        Tensor::from_slice(&values)
    }

    /// A matrix with these eigenvalues in random directions.
    fn matrix(seed: u64, eigenvalues: &[f64]) -> Tensor {
        let n = eigenvalues.len();
        let square = vector(seed, n * n).view([n as i64, n as i64]);
        let (q, _) = Tensor::linalg_qr(&square, "reduced");
        let matrix = q.matmul(&Tensor::from_slice(eigenvalues).diag(0)).matmul(&q.tr());
        (&matrix + matrix.tr()) / 2.0
    }

    /// Spectra to try: random, with multiplicities (as a Hessian's null directions), negative, of both signs.
    fn spectra() -> Vec<Vec<f64>> {
        let random = |seed| (0..30).map(|i| vector(seed, 30).double_value(&[i])).collect();
        let mut multiple = vec![1e-3; 28];
        multiple.extend([0.5, 0.5, 0.2, -0.3, -0.4]);
        vec![
            random(1),
            random(2),
            multiple,
            (1..20).map(|i| -0.1 * f64::from(i)).collect(),
            vec![1.0, -1.0, 0.5, -0.5, 0.0],
            vec![-3.0, 0.25, 0.1, -2.9],
            vec![2.0; 6],
            vec![0.0; 4],
            vec![-0.7],
        ]
    }

    #[test]
    fn all_eigenvalues_come_back_in_order() {
        for (seed, mut spectrum) in spectra().into_iter().enumerate() {
            let found = symmetric(&matrix(seed as u64 + 10, &spectrum));
            spectrum.sort_by(f64::total_cmp);
            let worst = found.iter().zip(&spectrum).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-13, "{spectrum:?}: {found:?}");
        }
    }

    #[test]
    fn iterations_find_the_largest_value() {
        for (seed, spectrum) in spectra().iter().enumerate() {
            let matrix = matrix(seed as u64 + 10, spectrum);
            let largest = *symmetric(&matrix).last().unwrap();
            let start = vector(77, spectrum.len());
            let limits = Limits { tolerance: 1e-6, products: 5000 };
            let lanczos = lanczos(&start, limits, |v| matrix.mv(v));
            let power = power(&start, limits, |v| matrix.mv(v));
            for found in [lanczos, power] {
                assert!(found.converged && (found.value - largest).abs() < 1e-9, "{spectrum:?}: {found:?}");
            }
            assert!(lanczos.products <= power.products, "{spectrum:?}: {lanczos:?}, {power:?}");
            assert!(lanczos.products <= spectrum.len());
        }
    }

    #[test]
    fn limits_hold() {
        let matrix = matrix(3, &(0..50).map(f64::from).collect::<Vec<_>>());
        let start = vector(4, 50);
        let limits = Limits { tolerance: 0.0, products: 7 };
        let mut calls = 0;
        let mut product = |v: &Tensor| {
            calls += 1;
            matrix.mv(v)
        };
        let found = [lanczos(&start, limits, &mut product), power(&start, limits, &mut product)];
        assert_eq!(found.map(|found| (found.products, found.converged)), [(7, false); 2]);
        assert_eq!(calls, 14);
    }

    #[test]
    fn single_precision_products_will_do() {
        let matrix = matrix(5, &[0.9, 0.4, -0.2, 0.1, 1e-3, 1e-3]).to_kind(Kind::Float);
        let start = vector(6, 6).to_kind(Kind::Float);
        let found = lanczos(&start, Limits::default(), |v| matrix.mv(v));
        assert!(found.converged && (found.value - 0.9).abs() < 1e-6, "{found:?}");
    }
}
