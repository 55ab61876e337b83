//! What makes passes faster and changes none of their results.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shortcut {
    /// Channels innermost in memory.
    ChannelsLast,
    /// What several edges compute from one node is computed once.
    Share,
    /// Dilated depthwise convolutions as plain ones on sub-grids.
    Dilated,
    /// The gradient of depthwise weights by `kernels`.
    Depthwise,
    /// A candidate's weight as the gain of its last batch norm.
    Fold,
    /// Memory of freed tensors kept for those to come.
    Keep,
}

impl Shortcut {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ChannelsLast, Self::Share, Self::Dilated, Self::Depthwise, Self::Fold, Self::Keep];
}

/// Those that are taken: all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortcuts {
    left_out: u8,
}

impl Shortcuts {
    /// All but these, to measure what they bring and to test that they change nothing.
    #[must_use]
    pub fn without(left_out: &[Shortcut]) -> Self {
        Self { left_out: left_out.iter().fold(0, |all, &one| all | bit(one)) }
    }

    /// Whether this one is taken.
    #[must_use]
    pub const fn has(self, one: Shortcut) -> bool {
        self.left_out & bit(one) == 0
    }
}

const fn bit(one: Shortcut) -> u8 {
    1 << one as u8
}
