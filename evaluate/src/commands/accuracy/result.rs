//! What `accuracy` finds, as it is written and printed.

use models::input::InputSpec;
use serde::Serialize;
use serde_json::Value;

use super::{
    data::chosen,
    judge::{Judged, alone},
    mistakes::Mistake,
};
use crate::{
    input::Origin,
    measure::{
        confusion::{Confused, Confusion},
        mcnemar,
        system::environment::Environment,
        top::Share,
    },
    report::{Cell, Report, Table, percent},
};

/// What `kind` says in these files.
pub(crate) const KIND: &str = "accuracy";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(crate) const SCHEMA: u32 = 1;

/// Most classes that are printed; JSON has all.
const SHOWN: usize = 20;

/// One model's answers to labelled pictures.
#[derive(Serialize)]
pub(super) struct Accuracy {
    pub(super) kind: &'static str,
    pub(super) schema: u32,
    pub(super) environment: Environment,
    pub(super) model: String,
    pub(super) data: String,
    pub(super) split: String,
    /// How many pictures were judged by.
    pub(super) pictures: usize,
    /// Of how many.
    pub(super) of: usize,
    /// Seed they were drawn with; none where they are the first ones, or all.
    pub(super) seed: Option<u64>,
    pub(super) classes: usize,
    /// Outputs before the first class, which are left out.
    pub(super) class_offset: usize,
    pub(super) top1: Share,
    /// Left out where there are five classes or fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top5: Option<Share>,
    /// Another model on the same pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) against: Option<Against>,
    pub(super) runtime: &'static str,
    pub(super) about_runtime: String,
    pub(super) threads: usize,
    pub(super) batch: usize,
    pub(super) seconds: f64,
    pub(super) input: InputSpec,
    pub(super) input_from: Origin,
    pub(super) by_class: Vec<Class>,
    /// Numbers of classes, and of pictures; the most frequent first.
    pub(super) confused: Vec<Confused>,
    /// The worst ones.
    pub(super) mistakes: Vec<Mistake>,
}

/// A second model on the same pictures.
#[derive(Serialize)]
pub(super) struct Against {
    model: String,
    top1: Share,
    #[serde(skip_serializing_if = "Option::is_none")]
    top5: Option<Share>,
    input: InputSpec,
    input_from: Origin,
    /// Pictures that the first model alone gets right.
    only_first: usize,
    /// Pictures that this one alone gets right.
    only_second: usize,
    /// Exact two-sided p of McNemar's test that both are equally good.
    p: f64,
}

/// Answers to the pictures of one class.
#[derive(Serialize)]
pub(super) struct Class {
    name: String,
    pictures: usize,
    /// Nothing without pictures.
    #[serde(flatten)]
    share: Option<Share>,
}

impl Class {
    /// Every class, in order.
    pub(super) fn all(confusion: &Confusion, names: &[String]) -> Vec<Self> {
        let class = |(at, name): (usize, &String)| {
            let pictures = confusion.totals[at];
            let share = (pictures > 0).then(|| Share::new(confusion.count(at, at), pictures));
            Self { name: name.clone(), pictures, share }
        };
        names.iter().enumerate().map(class).collect()
    }
}

impl Against {
    pub(super) fn new(model: String, first: &Judged, second: Judged) -> Self {
        let [only_first, only_second] = alone(first, &second);
        Self {
            model,
            top1: second.top(1),
            top5: second.top5(),
            input: second.spec,
            input_from: second.input_from,
            only_first,
            only_second,
            p: mcnemar::exact(only_first, only_second),
        }
    }
}

impl Accuracy {
    fn share(&self, Share { correct, percent: value, interval: [low, high] }: &Share) -> String {
        format!("{}  ({correct} of {}; 95 % interval {low:.2} to {high:.2} %)", percent(*value), self.pictures)
    }

    fn facts(&self) -> Table {
        let mut table = Table::pairs();
        table.pair("model", &self.model);
        let Self { data, split, classes, .. } = self;
        table.pair(
            "data",
            format!("{data} ({split}, {}, {classes} classes)", chosen(self.pictures, self.of, self.seed)),
        );
        for (name, share) in [("top-1", Some(&self.top1)), ("top-5", self.top5.as_ref())] {
            if let Some(share) = share {
                table.pair(name, self.share(share));
            }
        }
        if let Some(against) = &self.against {
            self.compare(&mut table, against);
        }
        table
            .pair("runtime", format!("{}; {} threads, batch {}", self.about_runtime, self.threads, self.batch));
        table.pair("input", input_text(&self.input, self.input_from));
        if self.class_offset > 0 {
            table.pair("left out", format!("the first {} of the outputs", self.class_offset));
        }
        let rate = self.pictures as f64 / self.seconds;
        table.pair("time", format!("{:.1} s, {rate:.0} pictures/s", self.seconds));
        table
    }

    fn compare(&self, table: &mut Table, against: &Against) {
        table.pair("against", &against.model);
        for (name, share) in [("its top-1", Some(&against.top1)), ("its top-5", against.top5.as_ref())] {
            if let Some(share) = share {
                table.pair(name, self.share(share));
            }
        }
        table.pair("its input", input_text(&against.input, against.input_from));
        let points = self.top1.percent - against.top1.percent;
        table.pair("difference", format!("{points:+.2} points top-1 (first less second)"));
        let Against { only_first, only_second, p, .. } = against;
        table.pair(
            "McNemar",
            format!(
                "p = {p:.2e}: {only_first} pictures only the first gets right, {only_second} only the second"
            ),
        );
    }

    fn classes_table(&self) -> Table {
        let heads = ["class", "pictures", "correct", "top-1", "95 % interval", "most often taken for"];
        let mut table = Table::new(&heads).left(&[5]).titled("By class");
        let mut order: Vec<usize> = (0..self.by_class.len()).collect();
        if order.len() > SHOWN {
            let percent = |at: usize| self.by_class[at].share.map_or(f64::INFINITY, |share| share.percent);
            order.sort_by(|&a, &b| percent(a).total_cmp(&percent(b)));
            order.truncate(SHOWN);
            table.note(format!("the {SHOWN} worst of {} classes; --format json has all", self.classes));
        }
        for at in order {
            table.row(&self.class_row(at));
        }
        table
    }

    fn class_row(&self, at: usize) -> [Cell; 6] {
        let Class { name, pictures, share } = &self.by_class[at];
        let other = self.confused.iter().find(|confused| confused.class == at);
        let other = other.map(|c| format!("{} ({})", self.by_class[c.taken_for].name, c.pictures));
        let [correct, top1, interval] = share.map_or_else(Default::default, |share| {
            let [low, high] = share.interval;
            [share.correct.to_string(), percent(share.percent), format!("{low:.1} to {high:.1} %")]
        });
        [
            name.into(),
            Cell::Count(*pictures as u64),
            correct.into(),
            top1.into(),
            interval.into(),
            other.unwrap_or_default().into(),
        ]
    }
}

fn input_text(spec: &InputSpec, from: Origin) -> String {
    let InputSpec { size: [height, width], mean, std, .. } = spec;
    // The rest of it by the names that flags and metadata have.
    let rest = serde_json::to_value(spec).unwrap_or_default();
    let rest = ["fit", "resize", "crop", "interpolation", "layout"].map(|name| match &rest[name] {
        Value::Null => String::new(),
        Value::String(word) => format!(", {name} {word}"),
        value => format!(", {name} {value}"),
    });
    format!("{height}x{width}, mean {mean:?}, std {std:?}{}, from {from}", rest.concat())
}

impl Report for Accuracy {
    fn tables(&self) -> Vec<Table> {
        vec![self.facts(), self.classes_table()]
    }
}
