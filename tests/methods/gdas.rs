//! GDAS evaluates one path, and its gradient is that of the straight-through weights.

use models::layer::Mix;
use models::spaces::darts::OPS;
use search::methods::{Pass, Phase, Weighing};
use search::net::{Candidate, Mixing};
use tch::Tensor;

use super::double::{Double, assert_equal, evaluated, method, moment, relaxed};
use crate::supernet::{alone, supernet};

#[test]
fn one_path_is_evaluated() {
    let _alone = alone();
    let (subject, gdas) = (Double::new(), method("gdas"));
    for phase in [Phase::Weights, Phase::Alphas, Phase::Evaluation] {
        assert_eq!(evaluated(&subject, gdas.as_ref(), phase), [1; 28], "{phase:?}");
    }
}

/// All candidates evaluated; what the others give is replaced by ones, which the released code adds their weights as.
struct AllEvaluated<'a>(&'a Pass<'a>);

impl Mixing for AllEvaluated<'_> {
    fn weight(&self, mix: &Mix, k: usize) -> Tensor {
        self.0.weight(mix, k)
    }

    fn touches(&self, _op: &str) -> bool {
        true
    }

    fn perturb(&self, candidate: Candidate<'_>, output: Tensor) -> Tensor {
        let Mix { table, row } = *candidate.mix;
        let weighing = &self.0.weighings[table][row];
        let k = OPS.iter().position(|op| *op == candidate.op).unwrap();
        if weighing.active[k] { output } else { output.ones_like() }
    }
}

#[test]
fn its_gradient_is_that_of_all_candidates_with_straight_through_weights() {
    let _alone = alone();
    let (subject, gdas) = (Double::new(), method("gdas"));
    let [pass, again] = [(), ()].map(|()| {
        tch::manual_seed(5);
        Pass::new(gdas.as_ref(), &subject.view(), moment(Phase::Alphas))
    });
    let (loss, expected) = (subject.loss(&pass), subject.loss(&AllEvaluated(&again)));
    assert!((&loss - &expected).abs().double_value(&[]) < 1e-12);
    let (gradient, expected) = (subject.gradient(&loss), subject.gradient(&expected));
    assert_equal(&gradient, &expected, 1e-9);
    assert!(gradient.norm().double_value(&[]) > 1e-4);
}

/// `h − y₀ + y(α)` with `h` and `y₀` of the sample and other alphas in `y`: the function whose gradient it claims to give.
#[test]
fn its_gradient_is_the_slope_of_the_relaxed_sample() {
    let _alone = alone();
    let (subject, gdas) = (Double::new(), method("gdas"));
    let drawn = || {
        tch::manual_seed(5);
        Pass::new(gdas.as_ref(), &subject.view(), moment(Phase::Alphas))
    };
    let gradient = subject.gradient(&subject.loss(&drawn()));
    // Half along the gradient: a loss of about 2.3 has roundings of 1e-6 of the slope along any direction.
    let direction = subject.direction() + &gradient / gradient.norm();
    let at = |step: f64| {
        // The hard sample's value does not show how `y` moves; its own relaxation does.
        let [there, base] = [subject.moved(&direction, step), subject.moved(&direction, 0.0)]
            .map(|alphas| relaxed(&alphas, TAU, 5));
        let mut pass = drawn();
        let moves = there.iter().zip(&base).map(|(there, base)| (there - base).detach());
        for (weighing, change) in pass.weighings.iter_mut().flatten().zip(moves) {
            for (k, weight) in weighing.weights.iter_mut().enumerate() {
                *weight = weight.detach() + change.get(k as i64);
            }
        }
        subject.loss(&pass).double_value(&[])
    };
    let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
    let found = gradient.dot(&direction).double_value(&[]);
    // Small steps, so that no ReLU changes sides.
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} and {expected}");
}

/// The zero operation gives nothing, but the others' weights are still added, and so get gradients.
#[test]
fn weights_are_carried_beside_the_zero_operation() {
    let _alone = alone();
    let (subject, gdas) = (Double::of(supernet(true)), method("gdas"));
    let carried: Vec<Tensor> = (0..8).map(|_| Tensor::from(0.0).set_requires_grad(true)).collect();
    let pass = |weights: &[Tensor]| {
        tch::manual_seed(5);
        let mut pass = Pass::new(gdas.as_ref(), &subject.view(), moment(Phase::Alphas));
        let weights = weights.iter().map(Tensor::shallow_clone).collect();
        // Operation 0 is `none`.
        pass.weighings[0][3] = Weighing { weights, active: (0..8).map(|k| k == 0).collect(), carried: true };
        pass
    };
    let gradient = Tensor::run_backward(&[subject.loss(&pass(&carried))], &carried[4..5], false, false);
    let at = |step: f64| {
        let moved: Vec<Tensor> = (0..8).map(|k| Tensor::from(if k == 4 { step } else { 0.0 })).collect();
        subject.loss(&pass(&moved)).double_value(&[])
    };
    let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
    let found = gradient[0].double_value(&[]);
    assert!(expected.abs() > 1e-9 && (found / expected - 1.0).abs() < 1e-4, "{found} and {expected}");
}

/// Between 10 in the first epoch and 0.1 in the last, in the fourth of eleven.
const TAU: f64 = 10.0 - 9.9 * 0.3;
