//! The numbers of a step, and when they are looked at.

use kernels::Late;
use tch::{Kind, Tensor};

use crate::engine::Fault;
use crate::net::Descent;

/// The numbers of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    /// Mean loss of the batch.
    pub(crate) loss: f64,
    /// Norm of the gradient.
    pub(crate) norm: f64,
    /// Images classified correctly.
    pub(crate) correct: f64,
    /// Images.
    pub(crate) images: f64,
}

impl Figures {
    pub(crate) const fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.norm.is_finite()
    }

    /// Nothing, or what a step that is over had that is not finite: its loss, or its gradient, by these names.
    pub(crate) fn late_fault(&self, loss: &'static str, gradient: &'static str) -> Result<(), Fault> {
        if self.is_finite() {
            return Ok(());
        }
        Err(Fault::late(if self.loss.is_finite() { gradient } else { loss }))
    }
}

/// The numbers of one step, where they are still on the device.
#[derive(Debug)]
pub(crate) struct Coming {
    numbers: Late,
    images: f64,
}

impl Coming {
    /// Those of a descent, its first output being the logits `[N, classes]` of images of the classes `labels` `[N]`.
    pub(crate) fn of(descent: &Descent, labels: &Tensor) -> Self {
        let correct = descent.outputs[0].argmax(-1, false).eq_tensor(labels).sum(Kind::Double);
        let [loss, norm] = [&descent.loss, &descent.gradient.norm()].map(|number| number.to_kind(Kind::Double));
        Self { numbers: Late::of(&Tensor::stack(&[loss, norm, correct], 0)), images: labels.size()[0] as f64 }
    }

    /// The numbers; waits for them.
    pub(crate) fn read(&self) -> Figures {
        let [loss, norm, correct] = self.numbers.read();
        Figures { loss, norm, correct, images: self.images }
    }
}

/// The numbers of steps of a kind `K` that nobody has looked at yet: on a GPU those of the last step, since reading them
/// would wait for it.
#[derive(Debug)]
pub(crate) struct Waiting<K> {
    late: bool,
    last: Option<(K, Coming)>,
}

impl<K> Waiting<K> {
    /// Numbers are looked at one step late, or at once.
    pub(crate) const fn new(late: bool) -> Self {
        Self { late, last: None }
    }

    /// Whether numbers wait for the next step.
    pub(crate) const fn is_late(&self) -> bool {
        self.late
    }

    /// Takes a step's numbers and gives those whose turn it is.
    pub(crate) fn turn(&mut self, kind: K, coming: Coming) -> Option<(K, Figures)> {
        let due = if self.late { self.last.replace((kind, coming))? } else { (kind, coming) };
        Some((due.0, due.1.read()))
    }

    /// The last numbers, waited for.
    pub(crate) fn rest(&mut self) -> Option<(K, Figures)> {
        self.last.take().map(|(kind, coming)| (kind, coming.read()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coming(loss: f64) -> Coming {
        let [loss, gradient] = [loss, 3.0].map(Tensor::from);
        let descent = Descent { loss, outputs: vec![Tensor::from_slice2(&[[0.0, 1.0], [1.0, 0.0]])], gradient };
        Coming::of(&descent, &Tensor::from_slice(&[1_i64, 1]))
    }

    #[test]
    fn numbers_wait_for_one_step_where_they_are_late() {
        let mut waiting = Waiting::new(true);
        assert_eq!(waiting.turn('a', coming(1.0)), None);
        let first = Figures { loss: 1.0, norm: 3.0, correct: 1.0, images: 2.0 };
        assert_eq!(waiting.turn('b', coming(2.0)), Some(('a', first)));
        assert_eq!(waiting.rest().map(|(kind, figures)| (kind, figures.loss)), Some(('b', 2.0)));
        assert_eq!(waiting.rest(), None);
        assert_eq!(Waiting::new(false).turn('c', coming(1.0)), Some(('c', first)));
    }
}
