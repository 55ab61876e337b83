//! The pictures that a model is most wrong about.

use models::input::{Fit, InputSpec};
use serde::{Deserialize, Serialize};

use super::data::Test;
use crate::{
    error::Result,
    feed::Logits,
    measure::top::{best, probabilities},
    report::{
        png,
        sheet::{self, Tile},
    },
};

/// How many are kept.
const KEPT: usize = 40;
/// Longest side of a small picture, in pixels.
const SIDE: usize = 112;

/// A picture that was taken for another class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mistake {
    /// Its file, or its number in the set.
    picture: String,
    /// Its number in the set.
    index: usize,
    /// Its class, by number.
    class: usize,
    /// What it was taken for.
    taken_for: usize,
    /// How likely the model holds that to be.
    probability: f64,
    /// How likely it holds the right class to be.
    probability_of_class: f64,
    /// What the model was shown, as the address of a PNG; with `--mistakes` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl Mistake {
    /// Whether its picture is known.
    pub(crate) const fn is_drawn(&self) -> bool {
        self.image.is_some()
    }
}

/// The wrong answers with the least probability of the right class, the worst first.
pub(super) fn worst(test: &Test, logits: &Logits) -> Vec<Mistake> {
    let mut wrong: Vec<Mistake> = Vec::new();
    for ((&index, class), scores) in test.chosen.iter().zip(test.labels()).zip(logits.rows()) {
        let taken_for = best(scores);
        if taken_for != class {
            let probabilities = probabilities(scores);
            wrong.push(Mistake {
                picture: test.dataset.origin(index),
                index,
                class,
                taken_for,
                probability: probabilities[taken_for],
                probability_of_class: probabilities[class],
                image: None,
            });
        }
    }
    wrong.sort_by(|a, b| a.probability_of_class.total_cmp(&b.probability_of_class));
    wrong.truncate(KEPT);
    wrong
}

impl Mistake {
    /// Adds the picture as the model sees it, but for normalisation, and smaller where it is large.
    pub(super) fn draw(&mut self, test: &Test, spec: &InputSpec) -> Result<()> {
        let picture = test.dataset.picture(self.index)?;
        let misfit = |source| models::data::Error::Fit { picture: self.picture.clone(), source };
        let planes = spec.fit(&picture).map_err(misfit)?;
        self.image = small(&planes, spec);
        Ok(())
    }

    fn tile(&self, names: &[String]) -> Tile {
        let (class, taken_for) = (&names[self.class], &names[self.taken_for]);
        Tile {
            image: self.image.clone().unwrap_or_default(),
            lines: vec![class.clone(), format!("{:.0} % {taken_for}", 100.0 * self.probability)],
            hint: format!(
                "{}: {class} ({:.2} %) taken for {taken_for} ({:.2} %)",
                self.picture,
                100.0 * self.probability_of_class,
                100.0 * self.probability
            ),
        }
    }
}

/// Byte planes of the spec's size as a picture of at most [`SIDE`] pixels.
fn small(planes: &[u8], spec: &InputSpec) -> Option<String> {
    let [height, width] = spec.size;
    if height.max(width) <= SIDE {
        return png::data_uri(planes, spec.size);
    }
    let scaled = |side: usize| (side * SIDE / height.max(width)).max(1);
    let target =
        InputSpec { fit: Fit::Resize, ..InputSpec::new([scaled(height), scaled(width)], spec.mean, spec.std) };
    let area = height * width;
    let data = (0..area).flat_map(|at| [0, 1, 2].map(|channel| planes[channel * area + at])).collect();
    let picture = models::data::Picture { width, height, channels: 3, data };
    png::data_uri(&target.fit(&picture).ok()?, target.size)
}

/// The contact sheet.
pub(crate) fn sheet(mistakes: &[Mistake], names: &[String], wrong: usize) -> String {
    let title = format!(
        "The {} worst of {wrong} mistakes: class, and what the model saw instead with what probability",
        mistakes.len()
    );
    let tiles: Vec<Tile> = mistakes.iter().map(|mistake| mistake.tile(names)).collect();
    sheet::svg(&title, &tiles)
}
