//! DARTS of second order: the gradient through one step of the weights.

use models::spaces::darts::Darts;
use search::checkpoint::Position;
use search::config::{Config, Layers};
use search::data::{Batch, plain_batch};
use search::engine::Job as _;
use search::methods::{Pass, View};
use search::net::{Mode, Statistics, Weights, flat_gradient};
use search::search::Search;
use tch::{Device, Kind, Tensor, no_grad};

use crate::golden::{Golden, difference};
use crate::supernet::{
    BEGINNING, Subject, alone, config, numbers, pictures, start_all, start_alphas, started, supernet,
};

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
    let [first, second, moving] = [(false, 0.0), (true, 0.0), (true, 0.05)].map(|(second_order, rate)| {
        let mut config = second_order_at(rate);
        config.search.second_order = second_order;
        let mut search = started(&config, &images);
        let gradients = [0, 1].map(|epoch| gradient_of_step(&mut search, epoch));
        (gradients, numbers(&search.architecture.alphas.flat))
    });
    assert_eq!(first, second);
    assert_ne!(first, moving);
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

/// The small supernet in double precision.
struct Double {
    subject: Subject,
    alphas: Weights,
}

impl Double {
    fn new() -> Self {
        let mut subject = Subject::new(supernet(false));
        let layout = &subject.net.layout;
        subject.weights =
            Weights::from_flat(&layout.weights, &start_all(&layout.weights).to_kind(Kind::Double));
        let statistics = subject.statistics.flat.to_kind(Kind::Double);
        subject.statistics = Statistics::from_flat(layout, &statistics);
        let flat = start_alphas(7).to_kind(Kind::Double);
        let rows = flat.view([28, 7]).unbind(0).iter().map(|row| row.copy().set_requires_grad(true)).collect();
        Self { subject, alphas: Weights { flat, views: rows } }
    }

    fn loss(&self, weights: &Weights, batch: &Batch) -> Tensor {
        let Subject { net, statistics, method, .. } = &self.subject;
        let (tables, alphas) = (&net.network.tables, &self.alphas.views);
        let pass = Pass::new(method.as_ref(), &View { space: &Darts, tables, alphas, extras: &[] }, BEGINNING);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let logits = net.logits(weights, statistics, &batch.images.to_kind(Kind::Double), mode);
        logits.cross_entropy_for_logits(&batch.labels)
    }

    /// The weights, moved by this times the direction.
    fn moved(&self, direction: &Tensor, by: f64) -> Weights {
        let flat = no_grad(|| &self.subject.weights.flat + direction * by);
        Weights::from_flat(&self.subject.net.layout.weights, &flat)
    }

    /// `∇²_{α,w} L · v` by double backward.
    fn exact_product(&self, batch: &Batch, direction: &Tensor) -> Tensor {
        let loss = self.loss(&self.subject.weights, batch);
        let gradient = search::diagnostics::hessian::gradient(&loss, &self.subject.weights.views);
        flat_gradient(&gradient.dot(direction), &self.alphas.views)
    }

    /// The same by a central difference.
    fn difference(&self, batch: &Batch, direction: &Tensor, step: f64) -> Tensor {
        let at = |step| flat_gradient(&self.loss(&self.moved(direction, step), batch), &self.alphas.views);
        (at(step) - at(-step)) / (2.0 * step)
    }
}

fn batches() -> [Batch; 2] {
    let images = pictures();
    [0..4, 4..8].map(|range| plain_batch(&images.train, &images.input, range, Device::Cpu))
}

fn distance(a: &Tensor, b: &Tensor) -> f64 {
    ((a - b).norm() / b.norm()).double_value(&[])
}

#[test]
fn the_finite_difference_converges_to_the_exact_product() {
    let _alone = alone();
    let double = Double::new();
    let [training, valid] = batches();
    let direction = flat_gradient(&double.loss(&double.subject.weights, &valid), &double.subject.weights.views);
    let exact = double.exact_product(&training, &direction);
    let unit = 1.0 / direction.norm().double_value(&[]);
    let errors =
        [1e-2, 1e-4, 1e-6].map(|step| distance(&double.difference(&training, &direction, step * unit), &exact));
    eprintln!("{errors:?}");
    // ReLUs and maxima that change sides within the step make the error fall by less than its square.
    assert!(errors[0] < 0.3 && errors[1] < errors[0] / 20.0 && errors[2] < errors[1] / 20.0, "{errors:?}");
    assert!(errors[2] < 1e-6, "{errors:?}");
}

/// What the search takes is the derivative of the validation loss through the step of the weights.
#[test]
fn a_step_takes_the_exact_gradient_through_the_weights() {
    let _alone = alone();
    let double = Double::new();
    let [training, valid] = batches();
    let weights = &double.subject.weights;
    let rate = 0.05;
    let descent = flat_gradient(&double.loss(weights, &training), &weights.views) + &weights.flat * 3e-4;
    let ahead = double.moved(&descent, -rate);
    let loss = double.loss(&ahead, &valid);
    let leaves: Vec<Tensor> =
        double.alphas.views.iter().chain(&ahead.views).map(Tensor::shallow_clone).collect();
    let both = flat_gradient(&loss, &leaves);
    let (direct, vector) = (both.narrow(0, 0, 196), both.narrow(0, 196, both.numel() as i64 - 196));
    let expected = &direct - double.exact_product(&training, &vector) * rate;

    let (config, images) = (second_order_at(rate), pictures());
    let found = gradient_of_step(&mut started(&config, &images), 0);
    let found = Tensor::from_slice(&found).to_kind(Kind::Double);
    let [near, far] = [&expected, &direct].map(|other| distance(&found, other));
    eprintln!("from the exact gradient {near:.1e}, from first order {far:.1e}");
    assert!(near < 0.05 * far, "{near:e}, {far:e}");
}

#[test]
fn zz_debug() {
    let _alone = alone();
    let double = Double::new();
    let [training, _] = batches();
    let w = &double.subject.weights;
    let subject = Subject::new(supernet(false));
    let single = subject.logits(&training.images, true).cross_entropy_for_logits(&training.labels);
    let [ga, gw] = subject.gradients(&single);
    for _ in 0..3 {
        let loss = double.loss(w, &training);
        let g = flat_gradient(&loss, &double.alphas.views);
        let loss2 = double.loss(w, &training);
        let h = flat_gradient(&loss2, &w.views);
        eprintln!(
            "loss {} {} alpha {:e} weights {:e} {}",
            loss.double_value(&[]),
            single.double_value(&[]),
            distance(&g, &ga.to_kind(Kind::Double)),
            distance(&h, &gw.to_kind(Kind::Double)),
            g.get(0).double_value(&[])
        );
        for slot in &double.subject.net.layout.weights {
            let [a, b] = [&h, &gw.to_kind(Kind::Double)].map(|flat| search::net::part(flat, slot));
            if distance(&a, &b) > 1e-3 {
                eprintln!("{} {:e}", slot.name, distance(&a, &b));
            }
        }
    }
}
