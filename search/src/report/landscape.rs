//! A landscape over alpha in pictures.

use std::path::Path;

use super::chart;
use super::page::Page;
use super::surface::{Grid, contour, surface};
use crate::diagnostics::landscape::{Landscape, Plan, Point, places};
use crate::error::Error;

/// The folder in that of a run whose landscape the run's report shows.
pub const FOLDER: &str = "landscape";
/// The file of its points.
pub const TABLE: &str = "landscape.csv";
/// The file of its plan.
pub const PLAN: &str = "plane.safetensors";

/// Surface and contours of accuracy and of loss as files of their own, each with its name.
#[must_use]
pub fn files(landscape: &Landscape, plan: &Plan) -> [(String, String); 4] {
    pictures(landscape, plan).map(|(name, svg)| (format!("{name}.svg"), chart::standalone(&svg) + "\n"))
}

fn pictures(landscape: &Landscape, plan: &Plan) -> [(&'static str, String); 4] {
    let accuracy = grid(landscape, plan, "validation accuracy in %", |point| 100.0 * point.accuracy);
    let loss = if spans_decades(&landscape.points) {
        grid(landscape, plan, "log10 of the validation loss", |point| point.loss.log10())
    } else {
        grid(landscape, plan, "validation loss", |point| point.loss)
    };
    [
        ("accuracy-surface", surface(&accuracy)),
        ("accuracy-contour", contour(&accuracy)),
        ("loss-surface", surface(&loss)),
        ("loss-contour", contour(&loss)),
    ]
}

/// Far from the alphas a loss can be thousands of times what it is near them, and would make that flat.
fn spans_decades(points: &[Point]) -> bool {
    let losses = points.iter().map(|point| point.loss);
    let least = losses.clone().fold(f64::INFINITY, f64::min);
    least > 0.0 && losses.fold(0.0, f64::max) > 30.0 * least
}

fn setting<'a>(plan: &'a Plan, name: &str) -> &'a str {
    plan.settings.get(name).map_or("", String::as_str)
}

fn axes(plan: &Plan) -> [String; 2] {
    let names = if setting(plan, "directions") == "random" {
        ["random direction", "another, orthogonal"]
    } else {
        ["gradient direction", "random, orthogonal"]
    };
    names.map(Into::into)
}

/// The places of a row or a column.
fn sides(plan: &Plan) -> Vec<f64> {
    let number = |name: &str| setting(plan, name).parse().ok();
    let points = setting(plan, "points").parse().ok();
    points.zip(number("range")).map(|(points, range)| places(points, range)).unwrap_or_default()
}

fn grid(landscape: &Landscape, plan: &Plan, value: &str, of: fn(&Point) -> f64) -> Grid {
    let sides = sides(plan);
    let rows = landscape.points.chunks(sides.len().max(1));
    Grid {
        title: setting(plan, "search").into(),
        axes: axes(plan),
        value: value.into(),
        values: rows.map(|row| row.iter().map(of).collect()).collect(),
        x: sides.clone(),
        y: sides,
    }
}

/// The landscape in the folder of a run, where a whole one is.
///
/// # Errors
/// When a file of it is broken.
pub(super) fn section(page: &mut Page, folder: &Path) -> Result<(), Error> {
    let path = folder.join(PLAN);
    if !path.exists() {
        return Ok(());
    }
    let plan = Plan::read(&path)?;
    let sides = sides(&plan);
    let landscape = Landscape::read(&folder.join(TABLE), &sides)?;
    if landscape.points.len() < sides.len().pow(2) {
        return Ok(());
    }
    page.section("Landscape over alpha");
    page.paragraph(&explanation(&plan));
    page.row(&pictures(&landscape, &plan).map(|(_, svg)| svg));
    Ok(())
}

fn explanation(plan: &Plan) -> String {
    let images = match setting(plan, "images") {
        "0" => "all validation images".into(),
        count => format!("the first {count} validation images"),
    };
    let length = if setting(plan, "normalise") == "table" {
        "each cell's part of a direction is as long as its alphas"
    } else {
        "entries of both directions have a root mean square of 1"
    };
    format!(
        "The supernet of {} around its alphas, which are in the middle: weights fixed, evaluation mode, {images}; {length}.",
        setting(plan, "search")
    )
}
