//! What is compared: pairs of command lines.

/// A program and its arguments.
pub(super) struct Side {
    pub(super) program: Program,
    /// Its own arguments.
    pub(super) args: &'static str,
    /// Those that say how long and how: `{threads}` and `{steps}` in them are replaced.
    pub(super) how: &'static str,
    pub(super) fields: Fields,
}

/// Which program.
pub(super) enum Program {
    /// A release binary of this workspace.
    Ours(&'static str),
    /// A script of `tests/peers`, run by the peers' Python.
    Peer(&'static str),
}

/// Where in the JSON that a program prints its figures stand, as JSON pointers.
pub(super) struct Fields {
    /// Wall seconds.
    pub(super) wall: &'static str,
    /// CPU seconds of the process.
    pub(super) cpu: &'static str,
    /// Most memory, in MiB.
    pub(super) memory: &'static str,
    /// What both sides must have equal, such as a number of weights.
    pub(super) equal: &'static str,
}

/// Ours and a peer's way to the same result.
pub(super) struct Comparison {
    pub(super) name: &'static str,
    /// Timed steps per run.
    pub(super) steps: u32,
    pub(super) ours: Side,
    pub(super) theirs: Side,
    /// The most that our CPU time may be of the peer's.
    pub(super) goal: f64,
    /// The most that our memory may be of the peer's, where there is such a goal.
    pub(super) memory_goal: Option<f64>,
}

/// The fields of `bench-step`.
const STEP: Fields = Fields { wall: "/wall_s", cpu: "/cpu_s", memory: "/peak_rss_mb", equal: "/weight_params" };

/// Both programs have these.
const HOW: &str = "--threads {threads} --steps {steps}";

/// A step of ours.
const fn ours(args: &'static str) -> Side {
    Side { program: Program::Ours("noisydarts-search"), args, how: HOW, fields: STEP }
}

/// The same step in `PyTorch`.
const fn theirs(args: &'static str) -> Side {
    Side { program: Program::Peer("step.py"), args, how: HOW, fields: STEP }
}

/// Two forms of one step, for which there is no goal of memory.
const fn step(name: &'static str, steps: u32, our: &'static str, their: &'static str, goal: f64) -> Comparison {
    Comparison { name, steps, ours: ours(our), theirs: theirs(their), goal, memory_goal: None }
}

/// Our DARTS step, to which flags are added.
macro_rules! darts {
    () => {
        "bench-step --space darts --method noisydarts --channels 16 --cells 8 --batch 16 --size 32"
    };
}

const DARTS: &str = darts!();
const DARTS_LEAN: &str = concat!(darts!(), " --memory lean");
/// The same step in `PyTorch`.
const DARTS_THERE: &str = "--space darts --method noisydarts --channels 16 --cells 8 --batch 16";
const NB201: &str = "bench-step --space nb201 --method darts --channels 16 --cells 5 --batch 32 --size 32";
const MOBILE: &str = "bench-step --space mobile --method darts --batch 16 --size 96";
const PC_DARTS: &str = "bench-step --space darts --method pc-darts --set search.alpha_start=0 --channels 16 --cells 8 \
    --batch 16 --size 32";
const GDAS: &str = "bench-step --space nb201 --method gdas --channels 16 --cells 5 --batch 32 --size 32";
/// As a step in which the architecture moves, which is every fifth as published.
const PROXYLESS: &str = "bench-step --space mobile --method proxyless --set search.alpha_start=0 \
    --set search.alpha_every=1 --batch 16 --size 96";
const RANDOM: &str = "bench-step --space mobile --method rsps --batch 16 --size 96";
/// One step per epoch, so that the drop-path of later epochs is on in the steps that are timed.
const RETRAIN: &str = "bench-step --retrain zoo:noisydarts-a --channels 36 --cells 20 --batch 20 --size 32 \
    --set data.train_images=20";

/// Every comparison of steps. The goals are our own.
pub(super) const COMPARISONS: &[Comparison] = &[
    Comparison { memory_goal: Some(0.6), ..step("darts", 2, DARTS, DARTS_THERE, 1.0 / 2.5) },
    Comparison { memory_goal: Some(0.3), ..step("darts-lean", 2, DARTS_LEAN, DARTS_THERE, 1.0) },
    step(
        "darts-channels-last",
        2,
        DARTS,
        "--space darts --method noisydarts --channels 16 --cells 8 --batch 16 --channels-last",
        1.0 / 1.6,
    ),
    step("nb201", 5, NB201, "--space nb201 --method darts --channels 16 --cells 5 --batch 32", 1.0 / 1.3),
    step("mobile", 2, MOBILE, "--space mobile --method darts --cells 19 --batch 16 --size 96", 1.0 / 1.3),
    step(
        "pc-darts",
        5,
        PC_DARTS,
        "--space darts --method pc-darts --channels 16 --cells 8 --batch 16",
        1.0 / 1.3,
    ),
    step("gdas", 20, GDAS, "--space nb201 --method gdas --channels 16 --cells 5 --batch 32", 1.0 / 1.3),
    step(
        "proxyless",
        10,
        PROXYLESS,
        "--space mobile --method proxyless --cells 19 --batch 16 --size 96",
        1.0 / 1.3,
    ),
    step("random", 10, RANDOM, "--space mobile --method rsps --cells 19 --batch 16 --size 96", 1.0 / 1.3),
    step("retrain", 3, RETRAIN, "--retrain noisydarts-a --channels 36 --cells 20 --batch 20", 0.9),
];

/// A step of ours beside the same step without one of the shortcuts, or with all it keeps: what each brings.
const fn without(name: &'static str, our: &'static str, their: &'static str) -> Comparison {
    let theirs = ours(their);
    Comparison { name, steps: 2, ours: ours(our), theirs, goal: 1.0, memory_goal: None }
}

/// [`DARTS`] with what is left out in the peer's place.
macro_rules! left_out {
    ($($name:literal),*) => {
        &[$(without(
            concat!("without ", $name),
            DARTS,
            concat!(darts!(), " --without ", $name),
        )),*]
    };
}

/// What each shortcut of `bench-step --without` brings.
pub(super) const ABLATION: &[Comparison] = left_out!(
    "channels-last",
    "share",
    "dilated",
    "depthwise",
    "fold",
    "keep",
    "channels-last,share,dilated,depthwise,fold,keep"
);
