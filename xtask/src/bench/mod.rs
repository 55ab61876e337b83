//! `cargo xtask bench`: our steps beside those of `PyTorch` peers (`tests/peers`), in turns, as a table of ratios.

mod comparisons;
mod heading;
mod measure;
mod peer;
mod picture;
mod scaling;
mod statistics;
mod table;

use std::path::PathBuf;

use anyhow::Result;

use crate::{cargo, setup, stop::Stop};
pub(crate) use picture::draw;

use comparisons::{ABLATION, COMPARISONS, Comparison};
use measure::Plan;

/// The name of what is no comparison: how our time grows.
const SCALING: &str = "scaling";

/// The name of ours beside ours without each of its shortcuts, one by one.
const WITHOUT: &str = "ablation";

/// What to compare, and how often.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Comparisons, `scaling` for how our time grows, `ablation` for what each shortcut brings [default: every comparison
    /// with a peer]
    names: Vec<String>,
    /// Python environment with the packages of tests/peers/requirements.txt (torch 2.11.0)
    #[arg(long, value_name = "DIR")]
    peer_env: Option<PathBuf>,
    /// Pairs of runs, ours and the peer's
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    pairs: u32,
    /// Threads; several numbers give a row each
    #[arg(long, value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    threads: Vec<u32>,
    /// Timed steps per run [default: those of the comparison]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Two pairs of one step, to see that everything runs
    #[arg(long, conflicts_with_all = ["pairs", "steps"])]
    quick: bool,
}

/// Builds the programs, runs the comparisons, and prints them as Markdown.
///
/// # Errors
/// Where a name is none, the peers' environment does not fit, or a run fails; a program's status is passed on.
pub(crate) fn run(args: &Args) -> Result<()> {
    let (scales, chosen) = chosen(&args.names)?;
    let has_peers = chosen.iter().any(|one| !ABLATION.iter().any(|ours| ours.name == one.name));
    let python = if has_peers { peer::python(args.peer_env.as_deref())? } else { PathBuf::new() };
    setup::ensure()?;
    cargo::run(cargo::cargo(&["build", "--release", "-p", "search"]))?;
    if scales {
        scaling::run(args.threads[0], args.quick)?;
    }
    if chosen.is_empty() {
        return Ok(());
    }
    let plan = Plan { python: &python, pairs: if args.quick { 2 } else { args.pairs }, steps: args.steps() };
    let measured = plan.run(&cases(&chosen, &args.threads))?;
    println!("{}", heading::of(&measured));
    print!("{}", table::of(&measured));
    Ok(())
}

impl Args {
    fn steps(&self) -> Option<u32> {
        if self.quick { Some(1) } else { self.steps }
    }
}

/// Every comparison with every number of threads.
fn cases(chosen: &[&'static Comparison], threads: &[u32]) -> Vec<(&'static Comparison, u32)> {
    threads.iter().flat_map(|&threads| chosen.iter().map(move |&comparison| (comparison, threads))).collect()
}

/// Whether the scaling is asked for, and which comparisons are.
fn chosen(names: &[String]) -> Result<(bool, Vec<&'static Comparison>)> {
    if names.is_empty() {
        return Ok((false, COMPARISONS.iter().collect()));
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let compared = names.iter().filter(|name| *name != SCALING && *name != WITHOUT);
    let mut found = compared.map(|name| by_name(name)).collect::<Result<Vec<_>>>()?;
    if has(WITHOUT) {
        found.extend(ABLATION);
    }
    Ok((has(SCALING), found))
}

fn by_name(name: &str) -> Result<&'static Comparison> {
    let known =
        || COMPARISONS.iter().map(|comparison| comparison.name).chain([SCALING, WITHOUT]).collect::<Vec<_>>();
    let found = COMPARISONS.iter().find(|comparison| comparison.name == name);
    found.ok_or_else(|| {
        Stop::user(format!("failed to find a comparison {name:?}; there are: {}", known().join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parsed(line: &str) -> Result<Args, clap::Error> {
        Line::try_parse_from(std::iter::once("bench").chain(line.split_whitespace())).map(|line| line.args)
    }

    #[test]
    fn without_names_everything_is_compared_and_nothing_scaled() {
        let (scales, all) = chosen(&parsed("").unwrap().names).unwrap();
        assert_eq!((scales, all.len()), (false, COMPARISONS.len()));
        let (scales, two) = chosen(&parsed("gdas scaling darts").unwrap().names).unwrap();
        assert!(scales);
        assert_eq!(two.iter().map(|one| one.name).collect::<Vec<_>>(), ["gdas", "darts"]);
    }

    #[test]
    fn an_unknown_name_is_the_users_fault_and_lists_the_known_ones() {
        let error = chosen(&["drats".into()]).err().unwrap();
        assert!(matches!(error.downcast_ref(), Some(Stop::User(_))));
        let text = error.to_string();
        assert!(text.contains("\"drats\"") && text.contains("darts, ") && text.contains(SCALING), "{text}");
    }

    #[test]
    fn every_number_of_threads_gives_rows() {
        let args = parsed("darts gdas --threads 1,2").unwrap();
        let cases = cases(&chosen(&args.names).unwrap().1, &args.threads);
        let shown: Vec<_> = cases.iter().map(|(one, threads)| (one.name, *threads)).collect();
        assert_eq!(shown, [("darts", 1), ("gdas", 1), ("darts", 2), ("gdas", 2)]);
    }

    #[test]
    fn numbers_that_measure_nothing_are_refused() {
        for line in ["--pairs 0", "--threads 0", "--threads one", "--steps 0", "--quick --pairs 3"] {
            assert!(parsed(line).is_err(), "{line}");
        }
        assert_eq!(parsed("--quick").unwrap().steps(), Some(1));
    }
}
