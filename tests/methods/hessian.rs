//! The Hessian of the validation loss with respect to alpha: what must hold for any, and what `PyTorch` finds.
//!
//! Single precision: the loss and its gradients carry relative errors of about 1e-6, and so does the Hessian relative to its
//! largest entries (about 0.1 here). Identities are asserted to 1e-6 absolute, a thousandth of the weight decay they are about.

use std::sync::OnceLock;

use search::diagnostics::{eigen, hessian};
use search::net::flat_gradient;
use tch::{Kind, Tensor, no_grad};

use crate::golden::{Golden, difference};
use crate::methods::smooth::{Smooth, batches, distance};
use crate::supernet::{alone, config, numbers, pictures, started};

/// Edges of both cells, candidates of each.
const EDGES: i64 = 28;
const OPS: i64 = 7;
const COUNT: usize = (EDGES * OPS) as usize;
/// The architecture's weight decay.
const DECAY: f64 = 1e-3;
const BOUND: f64 = 1e-6;

/// The Hessian of the small supernet as `Search::hessian` has it, and the eigenvalue that the search finds without it.
fn found() -> (Tensor, f64) {
    static FOUND: OnceLock<(Vec<f32>, f64)> = OnceLock::new();
    let (entries, eigenvalue) = FOUND.get_or_init(|| {
        let (config, images) = (config("darts"), pictures());
        let search = started(&config, &images);
        let before = numbers(&search.statistics.flat);
        let found = (numbers(&search.hessian(0)), search.eigenvalue(0));
        assert_eq!(numbers(&search.statistics.flat), before, "a diagnosis changes nothing");
        found
    });
    (Tensor::from_slice(entries).to_kind(Kind::Double).view([COUNT as i64; 2]), *eigenvalue)
}

fn largest_entry(tensor: &Tensor) -> f64 {
    tensor.abs().max().double_value(&[])
}

#[test]
fn it_is_symmetric() {
    let _alone = alone();
    let (matrix, _) = found();
    let skew = largest_entry(&(&matrix - matrix.tr()));
    eprintln!("largest {:e}, skew {skew:e}", largest_entry(&matrix));
    assert!(skew < BOUND, "{skew:e}");
}

/// Softmax does not change when a number is added to all alphas of an edge: what stays is the weight decay.
#[test]
fn each_row_sums_to_the_weight_decay_over_its_own_edge_and_to_zero_over_others() {
    let _alone = alone();
    let (matrix, _) = found();
    let sums = matrix.view([EDGES * OPS, EDGES, OPS]).sum_dim_intlist([2_i64].as_slice(), false, Kind::Double);
    let own = Tensor::eye(EDGES, (Kind::Double, tch::Device::Cpu)).repeat_interleave_self_int(OPS, 0, None);
    let off = largest_entry(&(sums - own * DECAY));
    eprintln!("off by {off:e}");
    assert!(off < BOUND, "{off:e}");
}

/// By the same: 28 directions, one per edge, in which the loss is flat.
#[test]
fn the_weight_decay_is_an_eigenvalue_once_per_edge() {
    let _alone = alone();
    let near = |value: &&f64| (**value - DECAY).abs() < BOUND;
    let (matrix, _) = found();
    let count = eigen::symmetric(&matrix).iter().filter(near).count();
    assert!(count >= EDGES as usize, "{count}");
}

#[test]
fn lanczos_finds_its_largest_eigenvalue() {
    let _alone = alone();
    let (matrix, eigenvalue) = found();
    let largest = *eigen::symmetric(&matrix).last().unwrap();
    eprintln!("{eigenvalue} of {largest}");
    // The residual's tolerance is 1e-3 of it, and a value's error is quadratic in that.
    assert!((eigenvalue / largest - 1.0).abs() < 1e-4, "{eigenvalue} instead of {largest}");
}

#[test]
fn it_equals_pytorchs() {
    let _alone = alone();
    let golden = Golden::curvature();
    let (matrix, _) = found();
    let rows = numbers(&matrix.slice(0, None, None, EDGES));
    let off = difference(&rows, golden.get("rows"));
    let values: Vec<f32> = eigen::symmetric(&matrix).into_iter().map(|value| value as f32).collect();
    let values_off = difference(&values, golden.get("eigenvalues"));
    eprintln!("rows {off:.1e}, eigenvalues {values_off:.1e}");
    assert!(off < 1e-4 && values_off < 1e-4, "{off:e}, {values_off:e}");
}

/// Every kernel is twice differentiable: batch norms (with the weights as gains too), pointwise, depthwise and rewritten dilated
/// convolutions, averages. In 64-bit floats; off by the square of the step.
#[test]
fn it_is_the_difference_of_gradients() {
    let _alone = alone();
    let supernet = Smooth::new();
    let [_, valid] = batches();
    let (weights, alphas) = (supernet.weights(), &supernet.alphas);
    let gradient = hessian::gradient(&supernet.loss(weights, alphas, &valid), &alphas.views);
    for entry in [0, 5, 60, 133, COUNT - 1] {
        let unit = no_grad(|| alphas.flat.zeros_like());
        let _ = unit.get(entry as i64).fill_(1.0);
        let exact = hessian::product(&gradient, &alphas.views, &unit);
        let at = |step: f64| {
            let moved = supernet.moved_alphas(&unit, step);
            flat_gradient(&supernet.loss(weights, &moved, &valid), &moved.views)
        };
        let off = distance(&((at(1e-4) - at(-1e-4)) / 2e-4), &exact);
        eprintln!("column {entry}: {off:e}");
        assert!(off < 1e-6, "column {entry}: {off:e}");
    }
}
