//! The presets, compiled in.

/// A named set of values.
#[derive(Debug)]
pub struct Preset {
    /// Its name on command lines.
    pub name: &'static str,
    /// One line on what it is for.
    pub summary: &'static str,
    /// Its TOML text, each value with its source.
    pub text: &'static str,
}

/// Every preset; the last one is complete, the others replace some of its values.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "toy",
        summary: "the demo: minutes on two cores",
        text: include_str!("../../presets/toy.toml"),
    },
    Preset { name: "small", summary: "hours on a CPU", text: include_str!("../../presets/small.toml") },
    Preset {
        name: "paper",
        summary: "as published: for a GPU",
        text: include_str!("../../presets/paper.toml"),
    },
];
