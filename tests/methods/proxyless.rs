//! The gates of `ProxylessNAS`: what they weigh, their gradient, and that the others' probabilities stay.

use search::methods::{self, Gates, Method, Pass, Phase, View};
use tch::{Kind, Tensor, no_grad};

use super::double::{Double, assert_equal, config, evaluated, moment};
use crate::supernet::alone;

fn proxyless(gates: Gates) -> Box<dyn Method> {
    let mut config = config("proxyless");
    config.proxyless.gates = gates;
    methods::by_name("proxyless", &config).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.detach().to_kind(Kind::Double)).unwrap()
}

#[test]
fn one_path_for_the_weights_two_or_all_for_the_alphas() {
    let _alone = alone();
    let subject = Double::new();
    for (gates, paths) in [(Gates::Two, 2), (Gates::Full, 7)] {
        let method = proxyless(gates);
        for (phase, paths) in [(Phase::Weights, 1), (Phase::Alphas, paths), (Phase::Evaluation, 1)] {
            assert_eq!(evaluated(&subject, method.as_ref(), phase), vec![paths; 28], "{gates:?} {phase:?}");
        }
    }
}

/// A row of four paths; what its choice point gives is `Σ_k g_k o_k`, and the loss of that is not linear.
const OUTPUTS: [f64; 4] = [0.3, -1.2, 0.8, 2.0];

fn loss(gates: &Tensor) -> Tensor {
    let output = gates.dot(&Tensor::from_slice(&OUTPUTS));
    output.square() * 0.5 + output.sin()
}

/// The derivative of the loss by what the choice point gives, where it gives this.
fn slope(output: f64) -> f64 {
    output + output.cos()
}

fn row() -> Tensor {
    Tensor::from_slice(&[0.2, -0.5, 1.1, 0.4]).set_requires_grad(true)
}

/// Gates of one row, and their gradient, of the next draw.
fn drawn(method: &dyn Method, subject: &Double, alpha: &Tensor) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let alphas: Vec<Tensor> = subject.alphas.iter().map(|_| alpha.shallow_clone()).collect();
    let view = View { alphas: &alphas, ..subject.view() };
    let weighing = method.mix(&view, moment(Phase::Alphas)).remove(0);
    let gates = weighing.stacked();
    let gradient = Tensor::run_backward(&[loss(&gates)], &[alpha], false, false).remove(0);
    (weighing.active, numbers(&gates), numbers(&gradient))
}

fn softmax(alpha: &[f64]) -> Vec<f64> {
    let total: f64 = alpha.iter().map(|alpha| alpha.exp()).sum();
    alpha.iter().map(|alpha| alpha.exp() / total).collect()
}

#[test]
fn a_sampled_gradient_is_the_papers_equation() {
    let _alone = alone();
    let (subject, alpha) = (Double::new(), row());
    for gates in [Gates::Two, Gates::Full] {
        let method = proxyless(gates);
        for _ in 0..20 {
            let (active, gates, gradient) = drawn(method.as_ref(), &subject, &alpha);
            let open = gates.iter().position(|&gate| (gate - 1.0).abs() < 1e-12).unwrap();
            let closed = gates.iter().filter(|gate| gate.abs() < 1e-12).count();
            assert!(active[open] && closed == 3, "{gates:?}");
            let part: Vec<usize> = (0..4).filter(|&k| active[k]).collect();
            let alphas = numbers(&alpha);
            let shares = softmax(&part.iter().map(|&k| alphas[k]).collect::<Vec<f64>>());
            let at_gate = |k: usize| slope(OUTPUTS[open]) * OUTPUTS[k];
            for (at, &i) in part.iter().enumerate() {
                let term = |(other, &j): (usize, &usize)| {
                    at_gate(j) * shares[other] * (f64::from(u8::from(i == j)) - shares[at])
                };
                let expected: f64 = part.iter().enumerate().map(term).sum();
                assert!((gradient[i] - expected).abs() < 1e-12, "{gradient:?} {expected}");
            }
            assert!((0..4).all(|k| active[k] || gradient[k] == 0.0), "{gradient:?}");
        }
    }
}

/// For a loss that is linear in the gates its expectation over them is the loss at the probabilities, and the estimator
/// is exact; `full` gives its gradient with every draw.
#[test]
fn the_gradient_is_the_slope_of_the_expectation_over_gates() {
    let _alone = alone();
    let (subject, alpha) = (Double::new(), row());
    let method = proxyless(Gates::Full);
    let alphas: Vec<Tensor> = subject.alphas.iter().map(|_| alpha.shallow_clone()).collect();
    let view = View { alphas: &alphas, ..subject.view() };
    let expectation = |alphas: &[f64]| -> f64 {
        let open = |k: usize| -> f64 { OUTPUTS[k] };
        softmax(alphas).iter().enumerate().map(|(k, share)| share * open(k)).sum()
    };
    let here = numbers(&alpha);
    let slopes: Vec<f64> = (0..4)
        .map(|k| {
            let at = |step: f64| {
                let mut moved = here.clone();
                moved[k] += step;
                expectation(&moved)
            };
            (at(1e-5) - at(-1e-5)) / 2e-5
        })
        .collect();
    for _ in 0..5 {
        let gates = method.mix(&view, moment(Phase::Alphas)).remove(0).stacked();
        let linear = gates.dot(&Tensor::from_slice(&OUTPUTS));
        let gradient = Tensor::run_backward(&[linear], &[&alpha], false, false).remove(0);
        assert_equal(&gradient, &Tensor::from_slice(&slopes), 1e-9);
    }
}

#[test]
fn paths_are_drawn_with_their_probabilities() {
    let _alone = alone();
    let (subject, alpha) = (Double::new(), row());
    let method = proxyless(Gates::Two);
    let alphas: Vec<Tensor> = subject.alphas.iter().map(|_| alpha.shallow_clone()).collect();
    let view = View { alphas: &alphas, ..subject.view() };
    let shares = softmax(&numbers(&alpha));
    let mut counts = [0.0; 4];
    for _ in 0..200 {
        for weighing in method.mix(&view, moment(Phase::Weights)) {
            counts[weighing.active.iter().position(|&on| on).unwrap()] += 1.0;
        }
    }
    // 200 draws of 28 rows.
    for (share, count) in shares.into_iter().zip(counts) {
        let deviation = (5600.0 * share * (1.0 - share)).sqrt();
        assert!((count - 5600.0 * share).abs() < 5.0 * deviation, "{counts:?}");
    }
}

#[test]
fn the_others_keep_their_probability() {
    let _alone = alone();
    let subject = Double::new();
    let method = proxyless(Gates::Two);
    let view = subject.view();
    let pass = Pass::new(method.as_ref(), &view, moment(Phase::Alphas));
    let before: Vec<Tensor> = subject.alphas.iter().map(|alpha| alpha.detach().copy()).collect();
    no_grad(|| {
        for (alpha, weighing) in subject.alphas.iter().zip(pass.rows()) {
            for (k, _) in weighing.active.iter().enumerate().filter(|(_, on)| **on) {
                let _ = alpha.detach().get(k as i64).g_add_scalar_(0.3 + 0.2 * k as f64);
            }
        }
        method.settle(&view, &before, &pass);
    });
    for ((alpha, before), weighing) in subject.alphas.iter().zip(&before).zip(pass.rows()) {
        let [now, then] = [alpha, before].map(|alpha| softmax(&numbers(alpha)));
        for (k, &on) in weighing.active.iter().enumerate() {
            assert_eq!((now[k] - then[k]).abs() > 1e-3, on, "{now:?} {then:?}");
            assert!(on || (now[k] - then[k]).abs() < 1e-15);
        }
    }
}

#[test]
fn only_the_two_alphas_move() {
    let _alone = alone();
    let (mut config, images) = (crate::supernet::config("proxyless"), crate::supernet::pictures());
    (config.search.alpha_betas, config.search.alpha_weight_decay) = ([0.0, 0.999], 0.0);
    let mut search = search::search::Search::new(&config, &images, tch::Device::Cpu).unwrap();
    let mut moved = |epoch: usize| {
        let before = search.architecture.alphas.flat.copy();
        search::engine::Job::step(&mut search, search::checkpoint::Position { epoch, step: 0 }).unwrap();
        let moved = search.architecture.alphas.flat.ne_tensor(&before).view([28, 7]).to_kind(Kind::Int64);
        Vec::<i64>::try_from(moved.sum_dim_intlist([1_i64].as_slice(), false, Kind::Int64)).unwrap()
    };
    for epoch in 0..3 {
        assert!(moved(epoch).iter().all(|&count| count <= 2), "two gates per choice point take part");
    }
}
