//! How precisely training steps compute.

use serde::{Deserialize, Serialize};
use tch::Tensor;

/// How precisely the passes of training steps compute. Weights, their gradients and optimisers have 32 bits in any case,
/// and evaluations compute in 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    Fp32,
    /// 32-bit floats whose products round their factors to 10 bits of mantissa, on GPUs that can; elsewhere as fp32.
    Tf32,
    /// bfloat16 where libtorch's autocast takes it: convolutions and matrix products.
    Bf16,
}

impl Precision {
    /// Makes this process's 32-bit products as precise as that.
    pub fn set(self) {
        kernels::allow_tf32(self != Self::Fp32);
    }

    /// What `work` gives at this precision, on the device of this tensor.
    pub fn within<T>(self, beside: &Tensor, work: impl FnOnce() -> T) -> T {
        if self == Self::Bf16 { kernels::autocast(beside, work) } else { work() }
    }
}
