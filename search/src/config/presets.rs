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

/// What a preset changes in some spaces.
struct Overlay {
    /// The presets, by name.
    presets: &'static [&'static str],
    spaces: &'static [&'static str],
    text: &'static str,
}

/// What a method's published values are in one space, where they are others than elsewhere.
struct Pairing {
    method: &'static str,
    space: &'static str,
    text: &'static str,
}

const PAIRINGS: &[Pairing] =
    &[Pairing { method: "rsps", space: "nb201", text: include_str!("../../presets/methods/rsps-nb201.toml") }];

/// What a published preset changes for this method in this space, nothing elsewhere.
pub(super) fn of_pair(space: &str, method: &str) -> &'static str {
    let pairing = PAIRINGS.iter().find(|pairing| pairing.method == method && pairing.space == space);
    pairing.map_or("", |pairing| pairing.text)
}

/// Presets with the published values of spaces and methods.
const PUBLISHED: &[&str] = &["paper", "reduced-c36", "reduced-c16"];

const OVERLAYS: &[Overlay] = &[
    Overlay {
        presets: PUBLISHED,
        spaces: &["nb201"],
        text: include_str!("../../presets/spaces/nb201-paper.toml"),
    },
    Overlay {
        presets: &["small"],
        spaces: &["nb201"],
        text: include_str!("../../presets/spaces/nb201-small.toml"),
    },
    Overlay {
        presets: &["toy"],
        spaces: &["nb201"],
        text: include_str!("../../presets/spaces/nb201-toy.toml"),
    },
    Overlay {
        presets: PUBLISHED,
        spaces: &["mobile"],
        text: include_str!("../../presets/spaces/mobile-paper.toml"),
    },
    Overlay {
        presets: &["small"],
        spaces: &["mobile"],
        text: include_str!("../../presets/spaces/mobile-small.toml"),
    },
    Overlay {
        presets: &["toy"],
        spaces: &["mobile"],
        text: include_str!("../../presets/spaces/mobile-toy.toml"),
    },
    Overlay {
        presets: PUBLISHED,
        spaces: &["s1", "s2", "s3"],
        text: include_str!("../../presets/spaces/reduced-paper.toml"),
    },
    Overlay { presets: PUBLISHED, spaces: &["s4"], text: include_str!("../../presets/spaces/s4-paper.toml") },
    Overlay { presets: &["small", "toy"], spaces: &["s4"], text: include_str!("../../presets/spaces/s4.toml") },
];

/// What a preset changes in a space, in the order of laying.
pub(super) fn of_space(preset: &str, space: &str) -> impl Iterator<Item = &'static str> {
    let fits = move |overlay: &&Overlay| overlay.presets.contains(&preset) && overlay.spaces.contains(&space);
    let texts: Vec<&'static str> = OVERLAYS.iter().filter(fits).map(|overlay| overlay.text).collect();
    texts.into_iter()
}

/// Whether a preset takes the published values of methods.
pub(super) fn is_published(preset: &str) -> bool {
    PUBLISHED.contains(&preset)
}

/// Every preset; the last one is complete, the others replace some of its values.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "toy",
        summary: "the demo: minutes on two cores",
        text: include_str!("../../presets/toy.toml"),
    },
    Preset {
        name: "collapse",
        summary: "DARTS's collapse and NoisyDARTS without it, on NAS-Bench-201: minutes per run",
        text: include_str!("../../presets/collapse.toml"),
    },
    Preset {
        name: "reduced-c36",
        summary: "as paper; S1 to S4 retrained with 36 channels and 20 cells",
        text: include_str!("../../presets/reduced-c36.toml"),
    },
    Preset {
        name: "reduced-c16",
        summary: "as paper; S1 to S4 retrained with 16 channels and 8 cells",
        text: include_str!("../../presets/reduced-c16.toml"),
    },
    Preset { name: "small", summary: "hours on a CPU", text: include_str!("../../presets/small.toml") },
    Preset {
        name: "paper",
        summary: "as published: for a GPU",
        text: include_str!("../../presets/paper.toml"),
    },
];
