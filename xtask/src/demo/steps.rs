//! What the demo runs.

/// Where what a step prints on stdout goes.
pub(super) enum Output {
    /// To the terminal.
    Shown,
    /// Into this file of the out folder.
    Kept(&'static str),
}

/// One command of ours. `{out}` in an argument is the out folder.
pub(super) struct Step {
    pub(super) title: &'static str,
    pub(super) program: &'static str,
    pub(super) args: &'static str,
    pub(super) output: Output,
}

const SEARCH: &str = "noisydarts-search";
const EXPORT: &str = "noisydarts-export";
const EVALUATE: &str = "noisydarts-evaluate";

/// The demo, in order. The file names are those that the table reads.
pub(super) const STEPS: &[Step] = &[
    Step {
        title: "search a cell with NoisyDARTS",
        program: SEARCH,
        args: "run --space darts --method noisydarts --data embedded --preset toy --out {out}/search",
        output: Output::Kept("genotype.txt"),
    },
    Step {
        title: "train what was found, from scratch",
        program: SEARCH,
        args: "train {out}/search/genotype.json --data embedded --preset toy --out {out}/train",
        output: Output::Kept("train.json"),
    },
    Step {
        title: "a control: draw a random genotype",
        program: SEARCH,
        args: "sample --space darts --seed 1 --out {out}/random.genotype.json",
        output: Output::Shown,
    },
    Step {
        title: "train it in the same way",
        program: SEARCH,
        args: "train {out}/random.genotype.json --data embedded --preset toy --out {out}/random",
        output: Output::Kept("random.json"),
    },
    Step {
        title: "another control: a linear softmax classifier",
        program: SEARCH,
        args: "baseline --data embedded --preset toy",
        output: Output::Kept("linear.json"),
    },
    Step {
        title: "export the trained network as ONNX",
        program: EXPORT,
        args: "{out}/search/genotype.json --weights {out}/train/weights.safetensors -o {out}/model.onnx",
        output: Output::Shown,
    },
    Step {
        title: "what libtorch says on the test pictures",
        program: SEARCH,
        args: "predict {out}/train/weights.safetensors --data embedded --out {out}/logits.safetensors",
        output: Output::Kept("libtorch.json"),
    },
    Step {
        title: "what ONNX Runtime says",
        program: EVALUATE,
        args: "accuracy {out}/model.onnx --data embedded --runtime ort --format json",
        output: Output::Kept("ort.json"),
    },
    Step {
        title: "what tract says",
        program: EVALUATE,
        args: "accuracy {out}/model.onnx --data embedded --runtime tract --format json",
        output: Output::Kept("tract.json"),
    },
    Step {
        title: "compare the three picture by picture",
        program: EVALUATE,
        args: "parity {out}/model.onnx --data embedded --reference {out}/logits.safetensors --format json",
        output: Output::Kept("parity.json"),
    },
    Step {
        title: "cost",
        program: EVALUATE,
        args: "cost {out}/model.onnx --format json",
        output: Output::Kept("cost.json"),
    },
    Step {
        title: "latency in ONNX Runtime",
        program: EVALUATE,
        args: "latency {out}/model.onnx --runtime ort --format json",
        output: Output::Kept("latency-ort.json"),
    },
    Step {
        title: "latency in tract",
        program: EVALUATE,
        args: "latency {out}/model.onnx --runtime tract --format json",
        output: Output::Kept("latency-tract.json"),
    },
];
