//! `DropPath`: whole samples of skip connections are dropped, in training passes only, without a bias.

use models::layer::Mix;
use search::methods::{Method, by_name};
use search::net::Candidate;
use tch::{Device, Kind, Tensor};

use crate::supernet::{BEGINNING, Subject, alone, config, numbers, supernet, training_batch};

const SAMPLES: i64 = 4000;

fn method(rate: f64) -> Box<dyn Method> {
    let mut config = config("drop-path");
    config.drop_path.rate = rate;
    by_name("drop-path", &config).unwrap()
}

fn perturbed(op: &str, x: &Tensor) -> Tensor {
    let mix = Mix { table: 0, row: 0 };
    method(0.2).perturb(Candidate { mix: &mix, op }, &[], BEGINNING, x.shallow_clone())
}

#[test]
fn a_skip_connection_is_dropped_by_whole_samples() {
    let _alone = alone();
    let x = Tensor::ones([SAMPLES, 2, 3, 3], (Kind::Float, Device::Cpu));
    let y = perturbed("skip_connect", &x).view([SAMPLES, 18]);
    let first = y.narrow(1, 0, 1);
    assert!(y.eq_tensor(&first.expand_as(&y)).all().int64_value(&[]) == 1, "a sample is dropped in part");
    let kept = numbers(&first).into_iter().filter(|&value| value != 0.0).collect::<Vec<f32>>();
    assert!(kept.iter().all(|&value| (value - 1.25).abs() < 1e-6), "what stays is divided by 0.8");
    // Four standard deviations of a binomial share: 4 · √(0.8 · 0.2 / 4000) = 0.025.
    let share = kept.len() as f64 / SAMPLES as f64;
    assert!((share - 0.8).abs() < 0.025, "{share} of the samples stay");
}

#[test]
fn other_operations_and_evaluations_are_as_in_darts() {
    let _alone = alone();
    for op in ["sep_conv_3x3", "max_pool_3x3", "none"] {
        assert!(!method(0.5).touches(op, BEGINNING), "{op}");
    }
    let images = training_batch().images;
    let subject = Subject::new(supernet(false));
    let darts = [false, true].map(|train| numbers(&subject.logits(&images, train)));
    let subject = Subject { method: method(0.5), ..Subject::new(supernet(false)) };
    let found = [false, true].map(|train| numbers(&subject.logits(&images, train)));
    assert_eq!(found[0], darts[0], "in evaluation");
    assert_ne!(found[1], darts[1], "in training");
}

#[test]
fn a_rate_of_one_is_refused() {
    let mut config = config("drop-path");
    config.drop_path.rate = 1.0;
    let message = by_name("drop-path", &config).err().unwrap().to_string();
    assert!(message.contains("drop_path.rate = 1"), "{message}");
}
