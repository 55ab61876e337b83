use std::sync::{Mutex, MutexGuard, PoisonError};

use tch::{Device, Kind, Tensor};

use super::depthwise;

/// libtorch has one generator of random numbers per process: tests that draw take turns.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn channels_last(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}

/// Output and gradients of a convolution of random values, from a loss that weighs every output differently.
fn values(size: [i64; 4], kernel: i64, stride: i64, of: impl Fn(&Tensor, &Tensor) -> Tensor) -> Vec<Tensor> {
    tch::manual_seed(1);
    let options = (Kind::Float, Device::Cpu);
    let x = channels_last(&Tensor::randn(size, options)).set_requires_grad(true);
    let weight = Tensor::randn([size[1], 1, kernel, kernel], options).set_requires_grad(true);
    let y = of(&x, &weight);
    assert_eq!(y.size()[2], (size[2] - 1) / stride + 1);
    let loss = (&y * y.detach().cos()).sum(Kind::Double);
    let mut values = Tensor::run_backward(&[&loss], &[&x, &weight], false, false);
    values.push(y.detach());
    values
}

#[test]
fn values_and_gradients_are_libtorchs() {
    let _alone = alone();
    for threads in [1, 2] {
        tch::set_num_threads(threads);
        for (size, kernel, stride) in [
            ([3, 16, 9, 7], 3, 1),
            ([2, 16, 8, 8], 5, 1),
            ([2, 24, 8, 8], 5, 2),
            ([2, 35, 6, 9], 7, 2),
            ([1, 3, 5, 5], 3, 2),
        ] {
            let padding = kernel / 2;
            let ours = values(size, kernel, stride, |x, weight| depthwise(x, weight, stride, padding));
            let plain = values(size, kernel, stride, |x, weight| {
                x.conv2d(weight, None::<&Tensor>, [stride; 2], [padding; 2], [1, 1], size[1])
            });
            for (a, b) in ours.iter().zip(&plain) {
                assert_eq!(a.size(), b.size());
                let off = ((a - b).abs().max() / b.abs().max()).double_value(&[]);
                assert!(off < 1e-5, "{size:?}, kernel {kernel}, stride {stride}: {off:e}");
            }
        }
    }
}

#[test]
fn its_gradient_can_be_differentiated() {
    let _alone = alone();
    let second = |of: &dyn Fn(&Tensor, &Tensor) -> Tensor| {
        tch::manual_seed(2);
        let options = (Kind::Double, Device::Cpu);
        let x = Tensor::randn([1, 4, 6, 6], options).set_requires_grad(true);
        let weight = Tensor::randn([4, 1, 3, 3], options).set_requires_grad(true);
        let loss = of(&x, &weight).pow_tensor_scalar(3).sum(Kind::Double);
        let gradient = Tensor::run_backward(&[&loss], &[&weight], true, true).remove(0);
        Tensor::run_backward(&[gradient.square().sum(Kind::Double)], &[&x, &weight], false, false)
    };
    let ours = second(&|x, weight| depthwise(x, weight, 1, 1));
    let plain = second(&|x, weight| x.conv2d(weight, None::<&Tensor>, [1, 1], [1, 1], [1, 1], 4));
    for (a, b) in ours.iter().zip(&plain) {
        assert!((a - b).abs().max().double_value(&[]) < 1e-9);
    }
}

#[test]
#[should_panic(expected = "weight")]
fn shapes_that_do_not_fit_are_refused() {
    let options = (Kind::Float, Device::Cpu);
    let _ = depthwise(&Tensor::zeros([1, 4, 6, 6], options), &Tensor::zeros([3, 1, 3, 3], options), 1, 1);
}

#[test]
fn kept_memory_holds_other_tensors_next() {
    super::keep_memory();
    // Sums show that no two tensors share memory.
    for round in 0..3 {
        let tensors: Vec<Tensor> =
            (1..40).map(|k| Tensor::full([k * 5000], k + round, (Kind::Int64, Device::Cpu))).collect();
        for (k, tensor) in (1..40).zip(&tensors) {
            assert_eq!(tensor.sum(Kind::Int64).int64_value(&[]), k * 5000 * (k + round));
        }
    }
}

/// Memory of this process, in bytes (`/proc/self/statm`: all, held, …, in pages of 4 KiB here).
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn held() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<i64>().unwrap() * 4096
}

/// glibc gives a block of this size back at once.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn freed_memory_is_kept() {
    super::keep_memory();
    let (before, size) = (held(), 256 << 20);
    drop(Tensor::ones([size], (Kind::Uint8, Device::Cpu)));
    // Tests beside this one hold a few MiB.
    assert!(held() - before > size * 3 / 4);
}

#[test]
fn a_generator_put_back_draws_the_same_again() {
    let _alone = alone();
    let options = (Kind::Float, Device::Cpu);
    let state = super::RandomState::of(&Tensor::zeros([1], options));
    let [first, second] = [(); 2].map(|()| {
        state.restore();
        Tensor::randn([5], options)
    });
    assert_eq!(first, second);
    assert_ne!(first, Tensor::randn([5], options));
}

#[test]
fn autocast_computes_in_half_the_bits_and_ends() {
    let _alone = alone();
    let x = Tensor::randn([4, 4], (Kind::Float, Device::Cpu));
    assert_eq!(super::autocast(&x, || x.matmul(&x)).kind(), Kind::BFloat16);
    assert_eq!(x.matmul(&x).kind(), Kind::Float);
    assert_eq!(x.kind(), Kind::Float);
}

#[test]
fn late_numbers_are_those_of_their_time() {
    let mut x = Tensor::from_slice(&[1.5_f32, -2.0]);
    let late = super::Late::of(&x);
    let _ = x.fill_(7.0);
    assert_eq!(late.read().map(f64::to_bits), [1.5, -2.0].map(f64::to_bits));
}

#[test]
fn values_read_on_the_host_are_counted() {
    let x = Tensor::from_slice(&[1.5_f32, -2.0]);
    assert_eq!(super::host_reads(|| drop(super::Late::of(&(&x + &x)))), 0);
    assert_eq!(super::host_reads(|| assert!(x.double_value(&[0]) > x.double_value(&[1]))), 2);
}
