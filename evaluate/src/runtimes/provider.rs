//! Execution providers: what ONNX Runtime can hand nodes to.

use std::fmt;

/// An execution provider of ONNX Runtime. Which of them a library holds was decided when it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Provider {
    /// The processor; always there, and takes every node.
    Cpu,
    /// XNNPACK: the processor, with kernels made for phones.
    Xnnpack,
    /// Android's neural networks interface.
    Nnapi,
    /// Apple's Core ML.
    Coreml,
    /// NVIDIA's graphics processors.
    Cuda,
    /// Qualcomm's accelerators.
    Qnn,
}

impl Provider {
    /// ONNX Runtime's name for it, as in its profiles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPUExecutionProvider",
            Self::Xnnpack => "XnnpackExecutionProvider",
            Self::Nnapi => "NnapiExecutionProvider",
            Self::Coreml => "CoreMLExecutionProvider",
            Self::Cuda => "CUDAExecutionProvider",
            Self::Qnn => "QNNExecutionProvider",
        }
    }
}

impl fmt::Display for Provider {
    /// As on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Xnnpack => "xnnpack",
            Self::Nnapi => "nnapi",
            Self::Coreml => "coreml",
            Self::Cuda => "cuda",
            Self::Qnn => "qnn",
        })
    }
}
