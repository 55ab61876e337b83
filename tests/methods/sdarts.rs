//! SDARTS: perturbed mixing weights stay probabilities, the attack raises the loss, and without a radius it is DARTS.

use search::data::Images;
use search::methods::{Moment, Pass, Phase, Weighing, by_name};
use tch::{Kind, Tensor};

use crate::identities::{searched, tiny};
use crate::supernet::{BEGINNING, Subject, alone, config, supernet};

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
            // Before it is scaled to sum 1, which divides by 1 ± 7 ε at most, a weight moves by at most ε.
            let change = (row.stacked() - plain.stacked()).abs().max().double_value(&[]);
            assert!(change > 0.0 && change <= 8.0 * radius, "{change} of {radius}");
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
    let after = loss(&attacked).double_value(&[]);
    // A linear loss: each of 28 rows can gain about ε · Σ|target| / 2.
    assert!(after > before + 1.0, "{before} to {after}");
    // A loss that does not depend on the weights cannot rise.
    let constant = |pass: &Pass<'_>| loss(pass) * 0.0;
    let kept = method.adversary(&view, LAST, clean(), &constant);
    let same = kept.rows().zip(clean().rows()).all(|(a, b)| a.stacked() == b.stacked());
    assert!(same, "a perturbation that did not raise the loss is dropped");
}
