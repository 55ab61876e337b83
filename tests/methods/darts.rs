//! DARTS of second order: the gradient through one step of the weights.

use search::checkpoint::Position;
use search::config::{Config, Layers};
use search::data::Batch;
use search::diagnostics::hessian;
use search::engine::Job as _;
use search::net::flat_gradient;
use search::search::Search;
use tch::{Kind, Tensor};

use crate::golden::{Golden, difference};
use crate::methods::smooth::{Smooth, batches, distance, smoothed};
use crate::supernet::{alone, config, numbers, pictures, start_alphas, started};

fn second_order() -> Config {
    let mut config = config("darts-2nd");
    config.search.second_order = true;
    config
}

fn part(search: &Search<'_>, name: &str) -> Tensor {
    search.state().into_iter().find(|(key, _)| key == name).unwrap().1.copy()
}

/// The gradient of the alphas that a step takes, read off Adam's first moment `m ← β m + (1 − β) (g + λ α)`.
fn gradient_of_step(search: &mut Search<'_>, epoch: usize) -> Vec<f32> {
    let [before, alphas] = ["alphas.adam.first", "alphas"].map(|name| part(search, name));
    search.step(Position { epoch, step: 0 }).unwrap();
    let moment = part(search, "alphas.adam.first");
    // β and λ of the paper preset.
    numbers(&((moment - before * 0.5) / 0.5 - alphas * 1e-3))
}

#[test]
fn the_method_asks_for_second_order_in_every_preset() {
    for preset in ["toy", "paper"] {
        let resolved = |method| Layers::preset_for(preset, "darts", method).unwrap().resolve().unwrap();
        assert!(resolved("darts-2nd").search.second_order && !resolved("darts").search.second_order);
    }
}

#[test]
fn at_learning_rate_zero_second_order_is_first_order() {
    let _alone = alone();
    let images = pictures();
    let [first, second] = [false, true].map(|second_order| {
        let mut config = second_order_at(0.0);
        config.search.second_order = second_order;
        let mut search = started(&config, &images);
        let gradients = [0, 1].map(|epoch| gradient_of_step(&mut search, epoch));
        (gradients, numbers(&search.architecture.alphas.flat))
    });
    assert_eq!(first, second);
}

fn second_order_at(rate: f64) -> Config {
    let mut config = second_order();
    (config.search.learning_rate, config.search.learning_rate_min) = (rate, rate);
    config
}

/// `PyTorch` in double precision, momentum in the second step. Single precision rounds the two sides of the finite
/// difference, whose step is 0.01: to about 1e-5 of the whole gradient.
#[test]
fn two_steps_equal_pytorchs() {
    let _alone = alone();
    let (config, images, golden) = (second_order(), pictures(), Golden::curvature());
    let mut search = started(&config, &images);
    for epoch in 0..2 {
        let found = gradient_of_step(&mut search, epoch);
        let difference = difference(&found, golden.get(&format!("gradient.{epoch}")));
        eprintln!("step {epoch}: {difference:.1e}");
        assert!(difference < 1e-4, "step {epoch} differs by {difference:e}");
    }
    let change = |after: &[f32]| -> Vec<f32> {
        after.iter().zip(numbers(&start_alphas(7))).map(|(after, before)| after - before).collect()
    };
    let found = numbers(&search.architecture.alphas.flat);
    // Alphas up to 1, rounded to 6e-8, move by 6e-4.
    assert!(difference(&change(&found), &change(golden.get("after.alphas"))) < 1e-3);
}

/// `∇²_{α,w} L · v` by double backward.
fn exact_product(supernet: &Smooth, batch: &Batch, direction: &Tensor) -> Tensor {
    let weights = supernet.weights();
    let gradient = hessian::gradient(&supernet.loss(weights, &supernet.alphas, batch), &weights.views);
    flat_gradient(&gradient.dot(direction), &supernet.alphas.views)
}

/// The same by a central difference.
fn difference_product(supernet: &Smooth, batch: &Batch, direction: &Tensor, step: f64) -> Tensor {
    let at = |step| {
        let weights = supernet.moved_weights(direction, step);
        flat_gradient(&supernet.loss(&weights, &supernet.alphas, batch), &supernet.alphas.views)
    };
    (at(step) - at(-step)) / (2.0 * step)
}

#[test]
fn the_finite_difference_converges_to_the_exact_product() {
    let _alone = alone();
    let supernet = Smooth::new();
    let [training, valid] = batches();
    let weights = supernet.weights();
    let direction = flat_gradient(&supernet.loss(weights, &supernet.alphas, &valid), &weights.views);
    let exact = exact_product(&supernet, &training, &direction);
    let unit = 1.0 / direction.norm().double_value(&[]);
    let error = |step| distance(&difference_product(&supernet, &training, &direction, step * unit), &exact);
    // As published, a tenth of it, a hundredth: a central difference is off by the square of its step.
    let errors = [1e-2, 1e-3, 1e-4].map(error);
    eprintln!("{errors:?}");
    assert!(errors.is_sorted_by(|more, less| *less < more / 50.0), "{errors:?}");
    assert!(errors[0] < 0.01, "{errors:?}");
}

/// What a search takes is the derivative of the validation loss through the step of the weights.
#[test]
fn a_step_takes_the_exact_gradient_through_the_weights() {
    let _alone = alone();
    let supernet = Smooth::new();
    let [training, valid] = batches();
    let (weights, alphas, rate) = (supernet.weights(), &supernet.alphas, 0.05);
    let descent = flat_gradient(&supernet.loss(weights, alphas, &training), &weights.views);
    let ahead = supernet.moved_weights(&(descent + &weights.flat * 3e-4), -rate);
    let leaves: Vec<Tensor> = alphas.views.iter().chain(&ahead.views).map(Tensor::shallow_clone).collect();
    let both = flat_gradient(&supernet.loss(&ahead, alphas, &valid), &leaves);
    let (direct, vector) = (both.narrow(0, 0, 196), both.narrow(0, 196, both.numel() as i64 - 196));
    let expected = &direct - exact_product(&supernet, &training, &vector) * rate;

    let (config, images) = (second_order_at(rate), pictures());
    let mut search = started(&config, &images);
    search.net = smoothed(&search.net);
    let found = Tensor::from_slice(&gradient_of_step(&mut search, 0)).to_kind(Kind::Double);
    let [error, part] = [distance(&found, &expected), distance(&direct, &expected)];
    eprintln!("off by {error:.1e}; the second-order part is {part:.1e} of it");
    assert!(error < 1e-3 && part > 10.0 * error, "{error:e}, {part:e}");
}
