//! `noisydarts-search methods|spaces|presets`.
#![allow(clippy::unnecessary_wraps, reason = "every command returns the same type")]

use models::spaces::SPACES;

use crate::config::PRESETS;
use crate::methods::METHODS;

use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct PresetsArgs {
    /// The preset to print; all are listed without it.
    name: Option<String>,
}

pub(super) fn methods() -> Done {
    for entry in METHODS {
        put_line!("{:12} {}\n{:12} {}", entry.name, entry.summary, "", entry.source);
    }
    Ok(Ended::Done)
}

pub(super) fn spaces() -> Done {
    for space in SPACES {
        put_line!("{:12} {}\n{:12} {}", space.name(), space.summary(), "", space.source());
    }
    Ok(Ended::Done)
}

pub(super) fn presets(args: &PresetsArgs) -> Done {
    let Some(name) = &args.name else {
        for preset in PRESETS {
            put_line!("{:12} {}", preset.name, preset.summary);
        }
        return Ok(Ended::Done);
    };
    let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    let preset = PRESETS.iter().find(|preset| preset.name == name.as_str());
    let preset = preset.ok_or_else(|| models::error::Error::unknown("preset", name, &known))?;
    put!("{}", preset.text);
    Ok(Ended::Done)
}
