//! Second derivatives of a loss, by differentiating its gradient (double backward; Pearlmutter 1994 for products).

use tch::Tensor;

use crate::net::concatenated;

/// The gradient of the scalar `loss` with respect to `leaves`, concatenated to `[n]`, that can be differentiated again.
/// Zero where the loss does not depend on a leaf.
#[must_use]
pub fn gradient(loss: &Tensor, leaves: &[Tensor]) -> Tensor {
    let parts = Tensor::run_backward(&[loss], leaves, true, true);
    concatenated(&parts, leaves)
}

/// The Hessian `[n, n]`: row i is the derivative of entry i of a flat gradient `[n]`, as [`gradient`] gives it, with
/// respect to `leaves`. One backward pass per entry; rows are not made symmetric.
#[must_use]
pub fn full(gradient: &Tensor, leaves: &[Tensor]) -> Tensor {
    let rows: Vec<Tensor> = gradient.unbind(0).iter().map(|entry| derivative(entry, leaves)).collect();
    Tensor::stack(&rows, 0)
}

/// The Hessian times `vector` `[n]`, by one backward pass. The gradient is as for [`full`].
#[must_use]
pub fn product(gradient: &Tensor, leaves: &[Tensor], vector: &Tensor) -> Tensor {
    derivative(&gradient.dot(vector), leaves)
}

/// The Hessian `[n, n]` of the loss with weight decay, `loss + decay/2 · |leaves|²`: RobustDARTS counts the decay of
/// the architecture parameters in.
#[must_use]
pub fn with_decay(hessian: &Tensor, decay: f64) -> Tensor {
    hessian + Tensor::eye(hessian.size()[0], (hessian.kind(), hessian.device())) * decay
}

/// The derivative of a scalar, flat. What no leaf has a part in (a gradient of a linear loss) has derivative 0.
fn derivative(scalar: &Tensor, leaves: &[Tensor]) -> Tensor {
    if !scalar.requires_grad() {
        return concatenated(&leaves.iter().map(|_| Tensor::new()).collect::<Vec<_>>(), leaves);
    }
    concatenated(&Tensor::run_backward(&[scalar], leaves, true, false), leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const F64: (Kind, Device) = (Kind::Double, Device::Cpu);

    fn leaf(values: &[f64]) -> Tensor {
        Tensor::from_slice(values).set_requires_grad(true)
    }

    fn distance(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn a_quadratic_form_has_its_matrix() {
        let matrix = Tensor::from_slice(&[2.0, -1.0, 0.5, -1.0, 3.0, 0.25, 0.5, 0.25, -4.0]).view([3, 3]);
        // Two leaves, so that blocks between them count too.
        let leaves = [leaf(&[0.3, -1.0]), leaf(&[2.0])];
        let x = Tensor::cat(&leaves, 0);
        let loss = x.dot(&matrix.mv(&x)) * 0.5;
        let gradient = gradient(&loss, &leaves);
        assert!(distance(&full(&gradient, &leaves), &matrix) < 1e-14);
        let v = Tensor::from_slice(&[1.0, 2.0, -3.0]);
        assert!(distance(&product(&gradient, &leaves, &v), &matrix.mv(&v)) < 1e-14);
        let decayed = &matrix + Tensor::eye(3, F64) * 0.1;
        assert!(distance(&with_decay(&full(&gradient, &leaves), 0.1), &decayed) < 1e-14);
    }

    /// The Hessian of cross-entropy in the logits is diag(p) − p pᵀ, and its rows sum to 0.
    #[test]
    fn softmax_cross_entropy_has_its_known_hessian() {
        let logits = leaf(&[0.2, -0.7, 1.5, 0.0]);
        let loss = -logits.log_softmax(0, Kind::Double).get(2);
        let leaves = [logits];
        let p = leaves[0].softmax(0, Kind::Double).detach();
        let expected = p.diag(0) - p.outer(&p);
        let found = full(&gradient(&loss, &leaves), &leaves);
        assert!(distance(&found, &expected) < 1e-14);
        assert!(found.sum_dim_intlist(1, false, Kind::Double).abs().max().double_value(&[]) < 1e-14);
    }

    #[test]
    fn what_has_no_second_derivative_counts_as_zero() {
        let leaves = [leaf(&[1.0, 2.0]), leaf(&[5.0]), leaf(&[7.0])];
        // Linear in the second leaf, and without the third.
        let loss = leaves[0].pow_tensor_scalar(3).sum(Kind::Double) + leaves[1].sum(Kind::Double) * 2.0;
        let expected = Tensor::from_slice(&[6.0, 12.0, 0.0, 0.0]).diag(0);
        assert!(distance(&full(&gradient(&loss, &leaves), &leaves), &expected) < 1e-14);
        let linear = leaves[1].sum(Kind::Double);
        let gradient = gradient(&linear, &leaves);
        assert!(distance(&full(&gradient, &leaves), &Tensor::zeros([4, 4], F64)) < 1e-14);
        assert!(
            distance(&product(&gradient, &leaves, &Tensor::ones([4], F64)), &Tensor::zeros([4], F64)) < 1e-14
        );
    }
}
