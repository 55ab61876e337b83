//! `latency` on a device: one model at a time, so that a failure loses nothing that was measured.

use super::{Args, result::Latencies};
use crate::{
    cli::Context,
    commands::{Verdict, latency::shape_text},
    device::{Kept, Measurer, Place, Words},
    error::Result,
    subject::ModelFile,
};

/// Measures every model there; prints what was measured even where a later one fails.
pub(super) fn run(args: &Args, context: &Context, place: Place) -> Result<Verdict> {
    let files: Vec<ModelFile> = args.models.iter().map(|path| ModelFile::open(path)).collect::<Result<_>>()?;
    let kept = Kept::new(args.keep.clone())?;
    let words = words(args, &place);
    let bar = context.talk.bar(files.len(), "models");
    let mut device = Measurer::new(Some(place), context, kept);
    let mut all: Option<Latencies> = None;
    let mut failure = None;
    // Those that run in turn are one call; others come one by one.
    let (size, words) = if args.in_turn { (files.len(), words.word("--in-turn")) } else { (1, words) };
    for files in files.chunks(size) {
        match device.measured(files, &words) {
            Ok(found) => all = Some(all.map_or_else(|| found.clone(), |all| all.with(found.clone()))),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
        bar.inc(size as u64);
    }
    bar.finish_and_clear();
    if let Some(all) = &all {
        context.print(all)?;
    }
    failure.map_or(Ok(Verdict::Done), Err)
}

/// The command line, without the model.
fn words(args: &Args, place: &Place) -> Words {
    let input: Vec<String> = args.input.iter().map(|sizes| shape_text(sizes)).collect();
    let words = Words::new(&["latency", "--format=json"])
        .flag("--runtime", Some(args.runtime.there(place)))
        .flag("--threads", Some(args.threads))
        .flag("--warmup", Some(args.warmup));
    let words = if args.profile { words.word("--profile") } else { words };
    let runs = args.minutes.is_none().then_some(args.runs);
    let words = args.provider.words(words);
    words
        .flag("--runs", runs)
        .flag("--minutes", args.minutes)
        .list("--batch", &args.batch)
        .list("--input", &input)
        .flag("--pin", place.pin(args.pin.as_ref()))
}
