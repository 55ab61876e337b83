//! Several searches laid over each other: the collapse of one method beside another in one picture.

mod picture;
mod run;

pub use picture::picture;
pub use run::Run;

use super::chart;
use super::page::Page;

/// A page on these runs: the picture, and the figures of each.
#[must_use]
pub fn page(runs: &[Run]) -> String {
    let mut page = Page::new("Searches compared");
    page.paragraph(
        "Thin lines are runs of different seeds, bold ones their mean, bands reach from the least to the largest. \
         The skip weight is the mean mixing weight of skip_connect over the edges of the normal cell that have it; \
         validation accuracy is that of the supernet.",
    );
    page.figure(&picture(runs));
    page.section("Each run");
    page.code(&summary(runs));
    page.section("What they found");
    let found: Vec<String> = runs.iter().map(|run| format!("{}: {}", run.name(), run.genotype)).collect();
    page.code(&found.join("\n"));
    page.finish()
}

/// The picture as a file of its own, readable on white and on dark.
#[must_use]
pub fn standalone(runs: &[Run]) -> String {
    chart::standalone(&picture(runs))
}

/// One line per run: where it ended.
#[must_use]
pub fn summary(runs: &[Run]) -> String {
    let width = runs.iter().map(|run| run.name().chars().count()).max().unwrap_or(0);
    let lines: Vec<String> =
        runs.iter().map(|run| format!("{:width$}  {}\n", run.name(), run.figures())).collect();
    lines.concat()
}

/// Runs of the same label, in the order of their first ones.
fn groups(runs: &[Run]) -> Vec<(&str, Vec<&Run>)> {
    let mut groups: Vec<(&str, Vec<&Run>)> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|(label, _)| *label == run.label) {
            Some((_, members)) => members.push(run),
            None => groups.push((&run.label, vec![run])),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
