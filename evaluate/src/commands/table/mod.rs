//! `table`: the paper's tables, and what its networks count beside what was published.

mod bound;
mod computed;
mod data;
mod figure;
mod report;

use self::data::Data;
use self::report::{List, PaperTable, PaperTables};
use super::Verdict;
use crate::{cli::Context, error::Result};

/// Arguments of `table`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// paper-1 to paper-5, or a half: paper-1-left, paper-1-right [default: a list of them]
    name: Option<String>,
}

/// Prints a table, both halves of the first one, or which there are.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    match &args.name {
        None => context.print(&List::new()?)?,
        Some(name) => {
            let tables = data::by_name(name)?;
            let tables = tables.iter().map(|(name, data): &(_, Data)| PaperTable::new(name, data));
            context.print(&PaperTables(tables.collect::<Result<_>>()?))?;
        }
    }
    Ok(Verdict::Done)
}
