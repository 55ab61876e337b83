//! The noise of `NoisyDARTS` is what its settings say, and reaches what they say.
#![allow(clippy::unwrap_used, reason = "a test may")]

use models::layer::Mix;
use search::config::Config;
use search::methods::{self, Distribution, Form, Method, Noise, Scale, Scope, UniformSigma};
use search::net::Candidate;
use tch::{Device, Kind, Tensor};

use crate::supernet::{BEGINNING, alone};

/// The published noise with this mean and sigma.
fn noise(mean: f64, sigma: f64) -> Noise {
    Noise { mean, sigma, ..Config::preset("paper").unwrap().noise }
}

/// A feature of 65,536 values, mean 2, standard deviation about 3.
fn feature(kind: Kind) -> Tensor {
    let wave = Tensor::arange(1 << 16, (kind, Device::Cpu)).sin() * (3.0 * 2_f64.sqrt()) + 2.0;
    wave.view([8, 8, 32, 32])
}

fn number(tensor: &Tensor) -> f64 {
    tensor.double_value(&[])
}

/// Mean, standard deviation, and the furthest value from the mean in standard deviations.
fn moments(sample: &Tensor) -> [f64; 3] {
    let [mean, deviation] = [sample.mean(Kind::Double), sample.std(true)].map(|value| number(&value));
    [mean, deviation, number(&((sample - mean).abs().max())) / deviation]
}

/// Asserts mean and standard deviation of a sample of 65,536 within five standard errors of each: 1/256 of a deviation for
/// the mean, at most 1/362 for the deviation (Gaussian; less for uniform).
#[track_caller]
fn assert_moments(sample: &Tensor, mean: f64, deviation: f64) {
    let [found_mean, found_deviation, _] = moments(sample);
    assert!((found_mean - mean).abs() < 5.0 * deviation / 256.0, "mean {found_mean}, expected {mean}");
    assert!(
        (found_deviation / deviation - 1.0).abs() < 5.0 / 362.0,
        "deviation {found_deviation}, expected {deviation}"
    );
}

#[test]
fn additive_noise_has_its_mean_and_deviation() {
    let _alone = alone();
    let x = feature(Kind::Double);
    let spread = number(&x.std(true));
    for distribution in [Distribution::Gaussian, Distribution::Uniform] {
        for (scale, unit) in [(Scale::Feature, spread), (Scale::Absolute, 1.0)] {
            for (mean, sigma) in [(0.0, 0.2), (0.5, 0.2), (-1.0, 0.8)] {
                let noise = Noise { distribution, scale, ..noise(mean, sigma) };
                // The mean is that of the settings, whatever sigma is measured in.
                assert_moments(&(noise.apply(&x, None, 0) - &x), mean, sigma * unit);
            }
        }
    }
}

#[test]
fn multiplicative_noise_is_relative_to_each_value() {
    let _alone = alone();
    let x = feature(Kind::Double);
    for distribution in [Distribution::Gaussian, Distribution::Uniform] {
        let noise = Noise { distribution, form: Form::Multiplicative, ..noise(0.3, 0.2) };
        assert_moments(&(noise.apply(&x, None, 0) / &x - 1.0), 0.3, 0.2);
    }
}

#[test]
fn uniform_sigma_can_mean_the_variance_as_released() {
    let _alone = alone();
    let x = feature(Kind::Double);
    let settings =
        Noise { distribution: Distribution::Uniform, uniform_sigma: UniformSigma::Variance, ..noise(0.0, 0.2) };
    for form in [Form::Additive, Form::Multiplicative] {
        let noisy = Noise { form, ..settings.clone() }.apply(&x, None, 0);
        let sample = if form == Form::Additive { noisy - &x } else { noisy / &x - 1.0 };
        assert_moments(&sample, 0.0, 0.2_f64.sqrt());
    }
}

#[test]
fn the_distributions_have_their_shapes() {
    let _alone = alone();
    let x = feature(Kind::Double);
    let furthest = |distribution| {
        let noise = Noise { distribution, ..noise(0.0, 0.2) };
        moments(&(noise.apply(&x, None, 0) - &x))[2]
    };
    // A uniform variable ends at √3 deviations; of 65,536 normal ones all are within 3.4 with probability 1e-19.
    let ends = furthest(Distribution::Uniform) / 3_f64.sqrt();
    assert!((ends - 1.0).abs() < 0.02, "{ends}");
    assert!(furthest(Distribution::Gaussian) > 3.4);
}

#[test]
fn noise_decays_by_half_a_cosine_and_then_is_gone() {
    let _alone = alone();
    let x = feature(Kind::Double);
    let biased = Noise { decay: true, decay_epochs: 50, ..noise(2.0, 0.0) };
    // (1 + cos(π·epoch/50)) / 2
    for (epoch, share) in [
        (0, 1.0),
        (10, 0.904_508_497_187_473_7),
        (25, 0.5),
        (49, 0.000_986_635_785_864_22),
        (50, 0.0),
        (60, 0.0),
    ] {
        let added = number(&(biased.apply(&x, None, epoch) - &x).mean(Kind::Double));
        assert!((added - 2.0 * share).abs() < 1e-12, "epoch {epoch}: {added}");
    }
    let half = Noise { decay: true, decay_epochs: 50, ..noise(0.0, 0.2) };
    assert_moments(&(half.apply(&x, None, 25) - &x), 0.0, 0.1 * number(&x.std(true)));
    assert_eq!(half.apply(&x, None, 50), x);
}

#[test]
fn without_sigma_and_mean_the_feature_stays_the_same_tensor() {
    let x = feature(Kind::Float);
    assert_eq!(noise(0.0, 0.0).apply(&x, None, 0).data_ptr(), x.data_ptr());
}

#[test]
fn a_learnable_sigma_gets_the_gradient_of_what_it_does() {
    let _alone = alone();
    let x = feature(Kind::Double);
    let weights = (Tensor::arange(1 << 16, (Kind::Double, Device::Cpu)) * 0.7).cos().view([8, 8, 32, 32]);
    for (scale, form) in [
        (Scale::Feature, Form::Additive),
        (Scale::Absolute, Form::Additive),
        (Scale::Absolute, Form::Multiplicative),
    ] {
        let noise = Noise { learnable: true, scale, form, ..noise(0.1, 0.2) };
        let loss = |log_sigma: &Tensor| {
            tch::manual_seed(3);
            (noise.apply(&x, Some(log_sigma), 0) * &weights).sum(Kind::Double)
        };
        let log_sigma = Tensor::from(0.2_f64.ln()).set_requires_grad(true);
        let gradient = number(&Tensor::run_backward(&[loss(&log_sigma)], &[&log_sigma], false, false)[0]);
        let at = |step: f64| number(&loss(&Tensor::from(0.2_f64.ln() + step)));
        let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
        // The central difference of exp is off by step²/6.
        assert!((gradient / slope - 1.0).abs() < 1e-7, "{gradient} and {slope}");
    }
}

#[test]
fn the_features_deviation_passes_no_gradient_on() {
    let _alone = alone();
    let x = feature(Kind::Double).set_requires_grad(true);
    let sum = noise(0.0, 0.2).apply(&x, None, 0).sum(Kind::Double);
    let gradient = &Tensor::run_backward(&[sum], &[&x], false, false)[0];
    assert_eq!(*gradient, x.ones_like());
}

fn method(noise: Noise) -> Box<dyn Method> {
    methods::by_name("noisydarts", &Config { noise, ..Config::preset("paper").unwrap() }).unwrap()
}

fn perturbed(method: &dyn Method, op: &str, x: &Tensor) -> Tensor {
    if !method.touches(op, BEGINNING) {
        return x.shallow_clone();
    }
    let mix = Mix { table: 0, row: 0 };
    method.perturb(Candidate { mix: &mix, op }, &[], BEGINNING, x.shallow_clone())
}

#[test]
fn noise_reaches_skips_or_all_candidates_each_by_itself() {
    let _alone = alone();
    let x = feature(Kind::Float);
    let [skip, all] = [Scope::Skip, Scope::All].map(|scope| method(Noise { scope, ..noise(0.0, 0.2) }));
    for op in models::spaces::darts::OPS {
        assert_eq!(perturbed(skip.as_ref(), op, &x) == x, op != "skip_connect", "{op}");
        assert_ne!(perturbed(all.as_ref(), op, &x), x, "{op}");
    }
    let [one, other] = ["skip_connect", "sep_conv_3x3"].map(|op| perturbed(all.as_ref(), op, &x) - &x);
    let correlation =
        number(&(&one * &other).mean(Kind::Double)) / number(&one.std(true)) / number(&other.std(true));
    // Five standard errors of independent samples.
    assert!(correlation.abs() < 5.0 / 256.0, "{correlation}");
}

#[test]
fn drop_path_is_for_skips_and_leaves_the_state_they_read_untouched() {
    let _alone = alone();
    let x = feature(Kind::Float);
    let before = x.copy();
    let all = method(Noise { scope: Scope::All, drop_path: 0.5, ..noise(0.0, 0.0) });
    let (mut dropped, mut kept) = (0, 0);
    for _ in 0..8 {
        let output = perturbed(all.as_ref(), "skip_connect", &x);
        for sample in 0..8 {
            let [output, input] = [&output, &x].map(|tensor| tensor.get(sample));
            dropped += i32::from(output == input.zeros_like());
            kept += i32::from(output == &input * 2.0);
        }
    }
    assert_eq!((dropped + kept, x), (64, before.shallow_clone()));
    // Binomial(64, 1/2): below 10 or above 54 once in 1e8.
    assert!((10..=54).contains(&dropped), "{dropped}");
    assert_eq!(perturbed(all.as_ref(), "sep_conv_3x3", &before), before);
}
