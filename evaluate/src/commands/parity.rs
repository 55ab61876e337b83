//! `parity`: how far runtimes, and the network that was trained, are from each other, and from which node on.

mod bisect;
mod result;
mod tolerance;

mod remote;

use std::path::PathBuf;

use models::data::{Dataset, Source, Split};

use super::{Verdict, shape::ShapeArgs};
use crate::{
    cli::{Context, runtime_names},
    device::OnArgs,
    error::{Error, Result},
    feed::{Inputs, Job, Logits, Noise, Pictures, cores},
    input::InputArgs,
    measure::{compare::Difference, system::environment::Environment},
    predictions::{self, Predictions},
    runtimes::{RUNTIMES, Runtime},
    subject::ModelFile,
};
use bisect::{Bisection, Culprit, Side};
use result::{Comparison, Parity};
pub(crate) use result::{KIND, SCHEMA};
use tolerance::{Precision, Tolerance};

/// Arguments of `parity`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file
    model: PathBuf,
    /// Another ONNX file that should give the same, with values of the same names
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// Pictures to run on, as for `accuracy`; random numbers otherwise
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// How many inputs [default: all of the reference's, otherwise 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    inputs: Option<u32>,
    /// Logits of the trained network, as `noisydarts-search predict` writes them, or those of `accuracy --predictions`
    #[arg(long, value_name = "FILE", requires = "data")]
    reference: Option<PathBuf>,
    /// The largest difference allowed: max |a - b| / max |b|, over all inputs and classes [default: 1e-5; 5e-3 where the
    /// file computes in 16-bit floats; 0.1, and the same top-1 for 95 %, where it computes in 8-bit integers]
    #[arg(long, value_name = "X")]
    tolerance: Option<f64>,
    /// Where a comparison does not hold, do not look for the node at which it begins
    #[arg(long)]
    no_bisect: bool,
    /// Runtimes to compare [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = runtime_names())]
    runtime: Vec<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    on: OnArgs,
}

/// Runs the model in every runtime, compares, and looks for the node where a comparison fails.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    if let Some(place) = args.on.place()? {
        return remote::run(args, context, place);
    }
    let file = ModelFile::open(&args.model)?;
    let against = args.against.as_deref().map(ModelFile::open).transpose()?;
    let reference = args.reference.as_deref().map(predictions::read).transpose()?;
    let sides = args.sides(&file, against.as_ref());
    if sides.len() + usize::from(reference.is_some()) < 2 {
        let problem = "a comparison needs two runtimes, or one and a --reference".into();
        return Err(Error::Flag { flag: "--runtime", problem });
    }
    let known = reference.as_ref().map(|reference| reference.logits.rows().count());
    let wanted =
        args.inputs.map_or(known.unwrap_or(256), |asked| known.unwrap_or(usize::MAX).min(asked as usize));
    let source: Option<Source> = args.data.as_deref().map(str::parse).transpose()?;
    let parity = if let Some(source) = &source {
        let (spec, _) = args.input.resolve(&file, source, context.talk)?;
        let dataset = source.load(Split::Test)?;
        let chosen = chosen(args, &dataset, reference.as_ref(), wanted)?;
        let batch = crate::input::batch(&file, args.shape.batch, chosen.len().clamp(1, 32))?;
        let shape = spec.shape(batch).into();
        let inputs = &Pictures { dataset: &dataset, spec: &spec, chosen: &chosen };
        Run { args, context, sides, inputs, shape }.compare(reference)?
    } else {
        let shape = args.shape.running(&file, wanted.min(32))?;
        Run { args, context, sides, inputs: &Noise { count: wanted }, shape }.compare(reference)?
    };
    let holds = parity.holds;
    context.print(&parity)?;
    Ok(if holds { Verdict::Done } else { Verdict::Violated })
}

impl Args {
    /// Every file in every runtime that is asked for.
    fn sides<'a>(&self, file: &'a ModelFile, against: Option<&'a ModelFile>) -> Vec<Side<'a>> {
        let wanted = |runtime: &&dyn Runtime| {
            self.runtime.is_empty() || self.runtime.iter().any(|name| name == runtime.name())
        };
        let files = std::iter::once(file).chain(against);
        let each = |file| RUNTIMES.iter().copied().filter(wanted).map(move |runtime| Side { file, runtime });
        files.flat_map(each).collect()
    }
}

/// The pictures to run on: those of the reference, which must be of the same data as far as labels can tell, or the first ones.
fn chosen(
    args: &Args,
    dataset: &Dataset,
    reference: Option<&Predictions>,
    wanted: usize,
) -> Result<Vec<usize>> {
    let bad = |problem| Error::Predictions { path: args.reference.clone().unwrap_or_default(), problem };
    let first = || (0..wanted.min(dataset.len())).collect();
    let Some(reference) = reference else { return Ok(first()) };
    let all: Vec<usize> = match &reference.pictures {
        Some(pictures) => pictures.iter().map(|&at| usize::try_from(at).unwrap_or(usize::MAX)).collect(),
        None => (0..reference.logits.rows().count()).collect(),
    };
    if let Some(beyond) = all.iter().find(|&&at| at >= dataset.len()) {
        return Err(bad(format!("it is of picture {beyond} too, {} has {}", dataset.name, dataset.len())));
    }
    let labels = reference.labels.iter().flatten();
    if let Some((label, &at)) = labels.zip(&all).find(|&(&label, &at)| label != dataset.label(at) as i64) {
        return Err(bad(format!(
            "its label of picture {at} is {label}, that of {} is {}: other pictures",
            dataset.name,
            dataset.label(at)
        )));
    }
    Ok(all.into_iter().take(wanted).collect())
}

/// What is run, on what.
struct Run<'a> {
    args: &'a Args,
    context: &'a Context,
    sides: Vec<Side<'a>>,
    inputs: &'a dyn Inputs,
    shape: Vec<usize>,
}

/// What one side, or the reference where there is none, gave.
struct Outcome<'a> {
    name: String,
    side: Option<Side<'a>>,
    logits: Logits,
}

impl<'a> Run<'a> {
    fn compare(&self, reference: Option<Predictions>) -> Result<Parity> {
        let inputs = self.inputs.len();
        let of_training = reference.map(|reference| Outcome {
            name: self.args.reference.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            side: None,
            logits: head(reference.logits, inputs),
        });
        let mut outcomes: Vec<Outcome> = of_training.into_iter().collect();
        for &side in &self.sides {
            outcomes.push(self.outcome(side)?);
        }
        let precision = self.sides.iter().map(|side| Precision::of(side.file)).max();
        let precision = precision.unwrap_or(Precision::Float);
        let usual = precision.usual();
        let tolerance = Tolerance { relative: self.args.tolerance.unwrap_or(usual.relative), ..usual };
        let (comparisons, culprit) = self.judge(&outcomes, tolerance)?;
        Ok(Parity {
            kind: KIND,
            schema: SCHEMA,
            environment: Environment::here(),
            model: self.args.model.display().to_string(),
            against: self.args.against.as_ref().map(|path| path.display().to_string()),
            data: self.args.data.clone().unwrap_or_else(|| "random".into()),
            inputs,
            precision,
            tolerance: tolerance.relative,
            least_top1: tolerance.top1,
            holds: comparisons.iter().all(|comparison| comparison.holds),
            comparisons,
            culprit,
        })
    }

    fn outcome(&self, side: Side<'a>) -> Result<Outcome<'a>> {
        let Side { file, runtime } = side;
        let options = self.context.options(self.shape.clone(), 1);
        let bar = self.context.talk.bar(self.inputs.len(), runtime.name());
        let logits = Job { file, runtime, options, workers: cores() }.run(self.inputs, &bar);
        bar.finish_and_clear();
        let name = match &self.args.against {
            None => runtime.name().to_string(),
            Some(_) => format!("{} {}", runtime.name(), file.name()),
        };
        Ok(Outcome { name, side: Some(side), logits: logits? })
    }

    /// Every later result against every earlier one; and where the first pair parts that does not hold.
    fn judge(&self, outcomes: &[Outcome], tolerance: Tolerance) -> Result<(Vec<Comparison>, Option<Culprit>)> {
        let (mut comparisons, mut culprit) = (Vec::new(), None);
        let mut is_looked_for = !self.args.no_bisect;
        for (i, b) in outcomes.iter().enumerate() {
            for a in &outcomes[i + 1..] {
                let difference = difference(a, b)?;
                let names = [a.name.clone(), b.name.clone()];
                let comparison = Comparison::new(names, difference, self.inputs.len(), tolerance);
                if let (true, false, Some(a_side), Some(b_side)) =
                    (is_looked_for, comparison.holds, a.side, b.side)
                {
                    is_looked_for = false;
                    culprit = self.bisect([a_side, b_side], &comparison, tolerance)?;
                }
                comparisons.push(comparison);
            }
        }
        if is_looked_for && comparisons.iter().any(|comparison| !comparison.holds) {
            self.context.talk.note(
                "only the reference differs, whose values between the nodes are not known: it is of another network, of other \
                 pictures, or of the same prepared otherwise",
            );
        }
        Ok((comparisons, culprit))
    }

    /// On the batch with the input that differs most.
    fn bisect(
        &self,
        sides: [Side; 2],
        comparison: &Comparison,
        tolerance: Tolerance,
    ) -> Result<Option<Culprit>> {
        let mut input = vec![0.0; self.shape.iter().product()];
        let first = comparison.difference.worst_input / self.shape[0] * self.shape[0];
        let each = input.len() / self.shape[0];
        for (at, room) in (first..self.inputs.len()).zip(input.chunks_exact_mut(each)) {
            self.inputs.fill(at, room)?;
        }
        let bar = self.context.talk.bar(0, "looking for the node");
        let options = self.context.options(self.shape.clone(), 1);
        let bisection = Bisection::new(sides, options, input, tolerance.relative);
        let names = [comparison.a.clone(), comparison.b.clone()];
        let culprit = bisection.run(names, &|| bar.inc(1));
        bar.finish_and_clear();
        if culprit.is_none() {
            self.context.talk.note("the difference does not show on one batch alone; no node can be named");
        }
        Ok(culprit)
    }
}

fn head(logits: Logits, count: usize) -> Logits {
    let values = logits.values.into_iter().take(count * logits.classes).collect();
    Logits { classes: logits.classes, values }
}

fn difference(a: &Outcome, b: &Outcome) -> Result<Difference> {
    let (found, expected) = (&a.logits, &b.logits);
    if found.classes == expected.classes {
        return Ok(Difference::new(found, expected));
    }
    let problem = format!(
        "{} numbers per input come from {}, {} from {}",
        found.classes, a.name, expected.classes, b.name
    );
    Err(Error::Feed { model: a.name.clone(), problem })
}
