//! SNAS mixes relaxed samples, DSNAS runs one path; both train weights and alphas on training images alone.

use search::checkpoint::Position;
use search::config::Layers;
use search::data::Images;
use search::engine::Job as _;
use search::methods::{Moment, Pass, Phase};
use search::search::Search;
use tch::{Device, Kind, Tensor};

use super::double::{Double, assert_equal, config, evaluated, method, moment, relaxed};
use crate::supernet::{alone, pictures};

/// Between 1 in the first epoch and 0.03 in the last, in the fourth of eleven.
const TAU: f64 = 1.0 - 0.97 * 0.3;

#[test]
fn snas_weighs_with_samples_of_the_concrete_distribution() {
    let _alone = alone();
    let (subject, snas) = (Double::new(), method("snas"));
    for (epoch, temperature) in [(0, 1.0), (3, TAU), (10, 0.03)] {
        tch::manual_seed(5);
        let at = Moment { epoch, ..moment(Phase::Weights) };
        let pass = Pass::new(snas.as_ref(), &subject.view(), at);
        for (found, expected) in pass.rows().zip(relaxed(&subject.alphas, temperature, 5)) {
            assert_equal(&found.stacked(), &expected, 1e-9);
            assert!(found.active.iter().all(|&on| on));
        }
    }
    assert_eq!(evaluated(&subject, snas.as_ref(), Phase::Evaluation), [1; 28]);
}

#[test]
fn snass_gradient_is_the_slope_of_the_loss_for_the_same_noise() {
    let _alone = alone();
    let (subject, snas) = (Double::new(), method("snas"));
    let direction = subject.direction();
    let loss = |alphas: &[Tensor]| {
        tch::manual_seed(5);
        let view = search::methods::View { alphas, ..subject.view() };
        subject.loss(&Pass::new(snas.as_ref(), &view, moment(Phase::Weights)))
    };
    let gradient = subject.gradient(&loss(&subject.alphas));
    let at = |step: f64| loss(&subject.moved(&direction, step)).double_value(&[]);
    // Small, so that no ReLU changes sides.
    let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
    let found = gradient.dot(&direction).double_value(&[]);
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} and {expected}");
}

#[test]
fn dsnass_gradient_is_that_of_the_weight_times_that_of_the_log_probability() {
    let _alone = alone();
    let (subject, dsnas) = (Double::new(), method("dsnas"));
    assert_eq!(evaluated(&subject, dsnas.as_ref(), Phase::Weights), [1; 28]);
    assert_eq!(evaluated(&subject, dsnas.as_ref(), Phase::Evaluation), [1; 28]);
    let drawn = || {
        tch::manual_seed(5);
        Pass::new(dsnas.as_ref(), &subject.view(), moment(Phase::Weights))
    };
    let loss = subject.loss(&drawn());
    let gradient = subject.gradient(&loss).view([28, 7]);
    for row in [0, 2, 13, 14, 27] {
        // The loss with the row's weight a little above and below 1.
        let at = |step: f64| {
            let mut pass = drawn();
            let weighing = pass.weighings.iter_mut().flatten().nth(row).unwrap();
            for weight in &mut weighing.weights {
                assert!((weight.double_value(&[]) - 1.0).abs() < 1e-15);
                *weight = Tensor::from(1.0 + step);
            }
            subject.loss(&pass).double_value(&[])
        };
        let by_weight = (at(1e-6) - at(-1e-6)) / 2e-6;
        let chosen = drawn().rows().nth(row).unwrap().active.iter().position(|&on| on).unwrap();
        let log_slope = -subject.alphas[row].softmax(-1, Kind::Double).detach();
        let _ = log_slope.get(chosen as i64).g_add_scalar_(1.0);
        assert_equal(&gradient.get(row as i64), &(log_slope * by_weight), 1e-6);
    }
}

/// Alphas and weights after two steps on these pictures.
fn searched(name: &str, images: &Images) -> [Tensor; 2] {
    let mut config = crate::supernet::config(name);
    config.search.single_level = true;
    let mut search = Search::new(&config, images, Device::Cpu).unwrap();
    for epoch in 0..2 {
        search.step(Position { epoch, step: 0 }).unwrap();
    }
    [&search.architecture.alphas.flat, &search.weights.flat].map(Tensor::copy)
}

#[test]
fn only_training_images_are_used() {
    let _alone = alone();
    let images = pictures();
    let mut others = pictures();
    let half = others.train.data.len() / 2;
    others.train.data[half..].fill(7);
    for name in ["snas", "dsnas"] {
        assert!(config(name).search.single_level, "in every preset");
        let [alphas, weights] = searched(name, &images);
        assert_eq!([&alphas, &weights], searched(name, &others).each_ref());
        others.train.data[..half].fill(9);
        let [other_alphas, other_weights] = searched(name, &others);
        assert!(other_alphas != alphas && other_weights != weights, "{name}");
        others.train.data[..half].copy_from_slice(&images.train.data[..half]);
    }
}

#[test]
fn snas_starts_and_anneals_as_published() {
    let config = config("snas");
    assert_eq!((config.search.epochs, config.search.batch), (150, 64));
    let _alone = alone();
    let mut small = crate::supernet::config("snas");
    (small.search.alpha_mean, small.search.alpha_init) = (config.search.alpha_mean, config.search.alpha_init);
    let images = pictures();
    let search = Search::new(&small, &images, Device::Cpu).unwrap();
    let alphas = &search.architecture.alphas.flat;
    let (mean, deviation) = (alphas.mean(Kind::Double), alphas.std(true));
    // N(1, 0.01): five standard errors of 196 draws.
    assert!((mean.double_value(&[]) - 1.0).abs() < 5.0 * 0.01 / 14.0, "{mean}");
    assert!((deviation.double_value(&[]) / 0.01 - 1.0).abs() < 5.0 / 392_f64.sqrt(), "{deviation}");
}

#[test]
fn a_temperature_of_zero_is_refused() {
    for key in ["snas.tau_start", "snas.tau_end", "gdas.tau_start", "gdas.tau_end"] {
        let name = &key[..4];
        let mut layers = Layers::preset_for("toy", "darts", name).unwrap();
        layers.assign(&format!("{key}=0.0")).unwrap();
        let error = search::methods::by_name(name, &layers.resolve().unwrap()).map(drop).unwrap_err();
        assert!(error.to_string().contains(key) && error.is_users(), "{error}");
    }
}
