//! Our optimisers equal `PyTorch`'s bit for bit over 100 steps.
#![allow(clippy::unwrap_used, reason = "a test may")]

use search::optim::{Adam, AdamConfig, Sgd, SgdConfig};
use tch::Tensor;

use crate::golden::{draw, optimizer};
use crate::supernet::numbers;

/// As in `golden/optimizers.py`.
const COUNT: usize = 37;
const STEPS: i32 = 100;
const RATE: f64 = 0.025;

/// Takes the steps of `golden/optimizers.py` and holds the parameters against its.
fn equals(name: &str, mut step: impl FnMut(&mut Tensor, Tensor, f64)) {
    let golden = optimizer(name);
    let mut parameters = Tensor::from_slice(&draw("parameters", COUNT, 1.0, 0.0));
    let (mut rate, mut compared) = (RATE, 0);
    for at in 1..=STEPS {
        rate *= if at > 1 { 0.99 } else { 1.0 };
        let gradient = draw(&format!("gradient {at}"), COUNT, 10_f64.powi(at % 5 - 3), 0.0);
        step(&mut parameters, Tensor::from_slice(&gradient), rate);
        if let Some(expected) = golden.get(&(at as usize)) {
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
            assert_eq!(bits(&numbers(&parameters)), bits(expected), "{name}, step {at}");
            compared += 1;
        }
    }
    assert_eq!(compared, 4);
}

#[test]
fn sgd_equals_pytorch_bit_for_bit() {
    // The published settings; Nesterov's momentum is an option of retraining; nothing but the gradient.
    for (name, momentum, weight_decay, nesterov) in
        [("sgd", 0.9, 3e-4, false), ("sgd nesterov", 0.9, 3e-4, true), ("sgd plain", 0.0, 0.0, false)]
    {
        let mut sgd = Sgd::new(SgdConfig { momentum, weight_decay, nesterov });
        equals(name, |parameters, gradient, rate| sgd.step(parameters, gradient, rate));
    }
}

#[test]
fn adam_equals_pytorch_bit_for_bit() {
    // DARTS's settings for alphas.
    for (name, weight_decay) in [("adam", 1e-3), ("adam without decay", 0.0)] {
        let config = AdamConfig { learning_rate: 3e-4, betas: [0.5, 0.999], eps: 1e-8, weight_decay };
        let mut adam = Adam::new(config, &Tensor::zeros([COUNT as i64], (tch::Kind::Float, tch::Device::Cpu)));
        equals(name, |parameters, gradient, _| adam.step(parameters, gradient));
    }
}
