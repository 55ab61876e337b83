//! What is said on stderr.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Notes and progress bars; silent with `--quiet`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    /// Say nothing but errors.
    pub(crate) quiet: bool,
}

impl Talk {
    /// Something that the user should know.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            eprintln!("note: {text}");
        }
    }

    /// Whether a note on progress is due where bars are hidden: ten times in all.
    pub(crate) fn is_due(self, done: usize, of: usize) -> bool {
        let is_tenth = done.is_multiple_of(of.div_ceil(10).max(1));
        !self.quiet && !std::io::stderr().is_terminal() && done < of && is_tenth
    }

    /// A bar over `length` pictures with rate and time left, hidden when stderr is not a terminal.
    pub(crate) fn bar(self, length: usize, what: &'static str) -> ProgressBar {
        let visible = !self.quiet && std::io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}");
        let bar = ProgressBar::with_draw_target(Some(length as u64), target).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}
