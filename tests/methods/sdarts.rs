//! SDARTS: perturbed mixing weights stay probabilities, the attack raises the loss, and without a radius it is DARTS.

use search::data::Images;
use search::methods::{Moment, Pass, Phase, Weighing, by_name};
use tch::{Kind, Tensor};

use crate::identities::{searched, tiny};
use crate::supernet::{BEGINNING, Subject, alone, config, numbers, supernet};

const LAST: Moment = Moment { epoch: 49, epochs: 50, phase: Phase::Weights };

#[test]
fn without_a_radius_both_are_darts_bit_for_bit() {
    let _alone = alone();
    let darts = tiny("darts", 0.2);
    let images = Images::load(&darts).unwrap();
    let expected = searched(&darts, &images);
    for method in ["sdarts-rs", "sdarts-adv"] {
        let mut still = tiny(method, 0.2);
        (still.sdarts.epsilon, still.sdarts.epsilon_last) = (0.0, 0.0);
        assert!(searched(&still, &images) == expected, "{method}");
    }
    assert!(searched(&tiny("sdarts-rs", 0.2), &images) != expected);
}

fn is_distribution(row: &Weighing) -> bool {
    let p = row.stacked();
    let sum = p.sum(Kind::Double).double_value(&[]);
    (sum - 1.0).abs() < 1e-5 && p.min().double_value(&[]) >= 0.0 && row.active.iter().all(|&on| on)
}

/// Whether a row is a point of the L∞ ball around the clean one, clipped to `[0, 1]`, but for a factor.
fn is_of_the_ball(row: &Weighing, clean: &Weighing, radius: f64) -> bool {
    let [row, clean] = [row, clean].map(|weighing| numbers(&weighing.stacked()));
    let mut factors = [0.0, f64::INFINITY];
    for (p, clean) in row.into_iter().zip(clean).map(|(p, clean)| (f64::from(p), f64::from(clean))) {
        // Roundings of a sum and a quotient.
        let [low, high] = [(clean - radius).max(0.0) - 1e-6, (clean + radius).min(1.0) + 1e-6];
        if p > 0.0 {
            factors = [factors[0].max(low / p), factors[1].min(high / p)];
        } else if low > 0.0 {
            return false;
        }
    }
    factors[0] <= factors[1]
}

/// Of 7 weights about 1/7, all fall below 0 in one row of 400 at radius 1.
#[test]
fn a_row_that_is_clipped_away_stays_a_distribution() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let mut config = config("sdarts-rs");
    config.sdarts.epsilon = 1.0;
    let method = by_name("sdarts-rs", &config).unwrap();
    let view = subject.view();
    for _ in 0..100 {
        assert!(Pass::new(method.as_ref(), &view, BEGINNING).rows().all(is_distribution));
    }
}

#[test]
fn random_smoothing_perturbs_weight_steps_alone_within_the_radius() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let method = by_name("sdarts-rs", &config("sdarts-rs")).unwrap();
    let view = subject.view();
    let clean = Pass::new(method.as_ref(), &view, Moment { phase: Phase::Alphas, ..LAST });
    let darts = Pass::new(subject.method.as_ref(), &view, LAST);
    for (row, plain) in clean.rows().zip(darts.rows()) {
        assert_eq!(row.stacked(), plain.stacked());
    }
    for moment in [BEGINNING, LAST] {
        // 0.03 at the first epoch, 0.03 + 0.27 · 49/50 at the last.
        let radius = 0.27f64.mul_add(moment.epoch as f64 / 50.0, 0.03);
        let pass = Pass::new(method.as_ref(), &view, moment);
        for (row, plain) in pass.rows().zip(darts.rows()) {
            assert!(is_distribution(row));
            assert_ne!(row.stacked(), plain.stacked());
            assert!(is_of_the_ball(row, plain, radius));
        }
    }
}

#[test]
fn the_attack_raises_the_loss_or_is_dropped() {
    let _alone = alone();
    let subject = Subject::new(supernet(false));
    let method = by_name("sdarts-adv", &config("sdarts-adv")).unwrap();
    let view = subject.view();
    let clean = || Pass::new(method.as_ref(), &view, LAST);
    let target = Tensor::randn([28, 7], (Kind::Float, tch::Device::Cpu));
    // Rises where weights follow the target: the attack is to find that.
    let loss = |pass: &Pass<'_>| {
        let rows: Vec<Tensor> = pass.rows().map(Weighing::stacked).collect();
        (Tensor::stack(&rows, 0) * &target).sum(Kind::Float)
    };
    let before = loss(&clean()).double_value(&[]);
    let attacked = method.adversary(&view, LAST, clean(), &loss);
    assert!(attacked.rows().all(is_distribution));
    let radius = 0.27f64.mul_add(0.98, 0.03);
    assert!(attacked.rows().zip(clean().rows()).all(|(row, plain)| is_of_the_ball(row, plain, radius)));
    let after = loss(&attacked).double_value(&[]);
    // A linear loss: each of 28 rows can gain about ε · Σ|target| / 2.
    assert!(after > before + 1.0, "{before} to {after}");
    // A loss that does not depend on the weights cannot rise.
    let constant = |pass: &Pass<'_>| loss(pass) * 0.0;
    let kept = method.adversary(&view, LAST, clean(), &constant);
    let same = kept.rows().zip(clean().rows()).all(|(a, b)| a.stacked() == b.stacked());
    assert!(same, "a perturbation that did not raise the loss is dropped");
}
