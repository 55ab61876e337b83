//! `compare` on a device.

use clap::ValueEnum as _;

use super::Args;
use crate::{
    cli::Context,
    commands::{Verdict, latency::shape_text},
    device::{Place, Session, Words, relay},
    error::Result,
    subject::ModelFile,
};

/// Copies the models there, and runs.
pub(super) fn run(args: &Args, context: &Context, place: Place) -> Result<Verdict> {
    let models = [Some(&args.a), args.b.as_ref()];
    let files: Vec<ModelFile> =
        models.into_iter().flatten().map(|path| ModelFile::open(path)).collect::<Result<_>>()?;
    let usual = if place.ort.is_some() { "ort" } else { "tract" };
    let runtimes = if args.runtime.is_empty() { vec![usual.into()] } else { args.runtime.clone() };
    let by = args.by.and_then(|by| by.to_possible_value()).map(|value| value.get_name().to_string());
    let input: Vec<String> = args.input.iter().map(|sizes| shape_text(sizes)).collect();
    let words = Words::new(&["compare"])
        .list("--runtime", &runtimes)
        .list("--threads", &args.threads)
        .list("--batch", &args.batch)
        .list("--input", &input)
        .flag("--max-regression", Some(100.0 * args.max_regression))
        .flag("--by", by);
    let words = args.time.words(words, &place);
    let words = |session: &mut Session| {
        let mut names = Vec::new();
        for file in &files {
            names.push([session.push(&file.path)?, file.name()]);
        }
        let words = names.iter().fold(words, |words, [there, _]| words.word(there));
        Ok((words, names))
    };
    relay(place, context, words, |_| Ok(()))
}
