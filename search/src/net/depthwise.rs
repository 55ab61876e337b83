//! Depthwise convolutions of dilation 2 as plain ones on the parity sub-grids of the pixels.
//!
//! A tap of a dilated kernel reads pixels of one parity only, so the four sub-grids (even and odd rows and
//! columns) do not mix: they become four times the batch of a plain convolution. At stride 2 only the even
//! sub-grid is read at all. oneDNN's backward pass of dilated depthwise convolutions is several times slower
//! than that of plain ones.

use models::layer::Conv2d;
use tch::Tensor;

/// Whether a convolution of an input of this size can be rewritten.
pub(super) fn applies(conv: &Conv2d, x: &Tensor) -> bool {
    let [_, channels, height, width] = x.size()[..] else { return false };
    let even = |size: i64| size % 2 == 0;
    is_square(conv, channels)
        && conv.dilation == [2, 2]
        && (conv.stride == [1, 1] || conv.stride == [2, 2])
        && conv.padding[0] == conv.kernel[0] - 1
        && conv.kernel[0] % 2 == 1
        && even(height)
        && even(width)
}

/// Whether it is a depthwise convolution that needs no rewriting.
pub(super) fn is_plain(conv: &Conv2d, x: &Tensor) -> bool {
    is_square(conv, x.size()[1]) && conv.dilation == [1, 1] && conv.groups > 1
}

/// Whether it is depthwise, without bias and the same in both directions.
fn is_square(conv: &Conv2d, channels: i64) -> bool {
    let square = |pair: [usize; 2]| pair[0] == pair[1];
    conv.groups as i64 == channels
        && conv.out == conv.groups
        && !conv.bias
        && [conv.kernel, conv.stride, conv.padding].into_iter().all(square)
}

/// The convolution, bias-free, where [`applies`]; its plain ones `by_kernels`, or by libtorch.
pub(super) fn convolve(conv: &Conv2d, x: &Tensor, weight: &Tensor, by_kernels: bool) -> Tensor {
    let padding = conv.padding[0] as i64 / 2;
    let plain = |x: &Tensor| {
        if by_kernels {
            return kernels::depthwise(x, weight, 1, padding);
        }
        x.conv2d(weight, None::<&Tensor>, [1; 2], [padding; 2], [1; 2], conv.groups as i64)
    };
    if conv.stride == [2, 2] {
        return plain(&channels_last(&x.slice(2, None, None, 2).slice(3, None, None, 2)));
    }
    join(&plain(&split(x)), x.size()[0])
}

/// The same values with channels as the innermost dimension in memory.
pub(super) fn channels_last(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}

/// `[N, C, H, W]` to the sub-grids `[4·N, C, H/2, W/2]`.
fn split(x: &Tensor) -> Tensor {
    let size = x.size();
    let (n, c, h, w) = (size[0], size[1], size[2] / 2, size[3] / 2);
    let grids = x.permute([0, 2, 3, 1]).reshape([n, h, 2, w, 2, c]).permute([2, 4, 0, 1, 3, 5]);
    grids.contiguous().view([4 * n, h, w, c]).permute([0, 3, 1, 2])
}

/// The sub-grids `[4·N, C, H/2, W/2]` back to `[N, C, H, W]`.
fn join(grids: &Tensor, n: i64) -> Tensor {
    let size = grids.size();
    let (c, h, w) = (size[1], size[2], size[3]);
    let pixels = grids.permute([0, 2, 3, 1]).reshape([2, 2, n, h, w, c]).permute([2, 3, 0, 4, 1, 5]);
    pixels.contiguous().view([n, 2 * h, 2 * w, c]).permute([0, 3, 1, 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    /// Values and gradients of the rewritten and the plain convolution, in 64-bit floats.
    fn both(kernel: usize, stride: usize, size: [i64; 2]) -> [Vec<Tensor>; 2] {
        let conv = Conv2d::depthwise(3, kernel, stride, 2);
        tch::manual_seed(1);
        let options = (Kind::Double, Device::Cpu);
        let x = Tensor::randn([2, 3, size[0], size[1]], options).set_requires_grad(true);
        let weight = Tensor::randn([3, 1, kernel as i64, kernel as i64], options).set_requires_grad(true);
        assert!(applies(&conv, &x));
        let [stride, padding, dilation] =
            [conv.stride, conv.padding, conv.dilation].map(|p| p.map(|v| v as i64));
        let plain = x.conv2d(&weight, None::<&Tensor>, stride, padding, dilation, 3);
        [convolve(&conv, &x, &weight, true), plain].map(|y| {
            let loss = (&y * y.cos()).sum(Kind::Double);
            let mut values = Tensor::run_backward(&[&loss], &[&x, &weight], false, false);
            values.push(y.detach());
            values
        })
    }

    #[test]
    fn values_and_gradients_are_those_of_the_plain_convolution() {
        for (kernel, stride, size) in
            [(3, 1, [6, 8]), (3, 2, [6, 8]), (5, 1, [8, 4]), (5, 2, [8, 4]), (3, 1, [2, 2])]
        {
            let [rewritten, plain] = both(kernel, stride, size);
            for (a, b) in rewritten.iter().zip(&plain) {
                assert_eq!(a.size(), b.size());
                let difference = (a - b).abs().max().double_value(&[]);
                assert!(difference < 1e-12, "kernel {kernel}, stride {stride}, {size:?}: {difference}");
            }
        }
    }
}
