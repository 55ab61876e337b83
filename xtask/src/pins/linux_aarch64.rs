//! Wheels for Linux on `aarch64`.

use super::{Pins, Wheel};

pub(super) const PINS: Pins = Pins {
    platform: "aarch64 Linux",
    os: "linux",
    arch: "aarch64",
    torch: Wheel {
        file: "torch-2.11.0-cp311-cp311-manylinux_2_28_aarch64.whl",
        sha256: "d91aac77f24082809d2c5a93f52a5f085032740a1ebc9252a7b052ef5a4fddc6",
        bytes: 419_718_178,
    },
    needed: &[
        Wheel {
            file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_aarch64.whl",
            sha256: "796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151",
            bytes: 10_310_827,
        },
        Wheel {
            file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55",
            bytes: 2_261_060,
        },
    ],
    cuda: &[
        Wheel {
            file: "nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_aarch64.whl",
            sha256: "c86fc7f7ae36d7528288c5d88098edcb7b02c633d262e7ddbb86b0ad91be5df2",
            bytes: 542_851_226,
        },
        Wheel {
            file: "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "d27f20a0ca67a4bb34268a5e951033496c5b74870b868bacd046b1b8e0c3267b",
            bytes: 43_015_449,
        },
        Wheel {
            file: "nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_aarch64.whl",
            sha256: "6ed29ffaee1176c612daf442e4dd6cfeb6a0caa43ddcbeb59da94953030b1be4",
            bytes: 433_781_201,
        },
        Wheel {
            file: "nvidia_cufft-12.0.0.61-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "2708c852ef8cd89d1d2068bdbece0aa188813a0c934db3779b9b1faa8442e5f5",
            bytes: 214_053_554,
        },
        Wheel {
            file: "nvidia_cufile-1.15.1.6-py3-none-manylinux_2_27_aarch64.whl",
            sha256: "bdc0deedc61f548bddf7733bdc216456c2fdb101d020e1ab4b88d232d5e2f6d1",
            bytes: 1_136_992,
        },
        Wheel {
            file: "nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_aarch64.whl",
            sha256: "133df5a7509c3e292aaa2b477afd0194f06ce4ea24d714d616ff36439cee349a",
            bytes: 61_962_106,
        },
        Wheel {
            file: "nvidia_cusolver-12.0.4.66-py3-none-manylinux_2_27_aarch64.whl",
            sha256: "02c2457eaa9e39de20f880f4bd8820e6a1cfb9f9a34f820eb12a155aa5bc92d2",
            bytes: 223_467_760,
        },
        Wheel {
            file: "nvidia_cusparse-12.6.3.3-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "80bcc4662f23f1054ee334a15c72b8940402975e0eab63178fc7e670aa59472c",
            bytes: 162_155_568,
        },
        Wheel {
            file: "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_aarch64.whl",
            sha256: "400c6ed1cf6780fc6efedd64ec9f1345871767e6a1a0a552a1ea0578117ea77c",
            bytes: 220_791_277,
        },
        Wheel {
            file: "nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_aarch64.whl",
            sha256: "01c873ba1626b54caa12272ed228dc5b2781545e0ae8ba3f432a8ef1c6d78643",
            bytes: 196_561_677,
        },
        Wheel {
            file: "nvidia_nvjitlink-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "e931536ccc7d467a98ba1d8b89ff7fa7f1fa3b13f2b0069118cd7f47bff07d0c",
            bytes: 38_768_748,
        },
        Wheel {
            file: "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "6dc2a197f38e5d0376ad52cd1a2a3617d3cdc150fd5966f4aee9bcebb1d68fe9",
            bytes: 60_215_947,
        },
        Wheel {
            file: "nvidia_nvtx-13.0.85-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
            sha256: "cb7780edb6b14107373c835bf8b72e7a178bac7367e23da7acb108f973f157a6",
            bytes: 148_878,
        },
    ],
    onnxruntime: Wheel {
        file: "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_aarch64.whl",
        sha256: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
        bytes: 23_195_070,
    },
};
