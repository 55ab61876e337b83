//! Which pictures a model is judged on.

use std::path::PathBuf;

use models::{
    data::{self, Dataset, Source, Split},
    onnx::Dim,
};

use crate::{
    device::{Session, Words},
    error::{Error, Result},
    metadata::CLASSES,
    random::Random,
    report::count,
    subject::ModelFile,
};

/// Which pictures.
#[derive(Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// embedded, cifar10:DIR, cifar100:DIR, svhn:DIR, mnist:DIR, fashion-mnist:DIR, folder:DIR
    #[arg(long, value_name = "SOURCE")]
    data: String,
    /// Which part of it
    #[arg(long, default_value = "test", value_parser = ["train", "test"])]
    pub(crate) split: String,
    /// For a folder that has no folder per class: a file of lines `PATH CLASS`, with the class's number or name
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Names of the classes in --labels, one a line [default: the model's own, or numbers]
    #[arg(long, value_name = "FILE", requires = "labels")]
    classes: Option<PathBuf>,
    /// Only the first N pictures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "sample")]
    limit: Option<u32>,
    /// Only N pictures, drawn at random (a folder's first pictures are all of one class)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Which pictures --sample draws [default: 0]
    #[arg(long, value_name = "N", requires = "sample")]
    seed: Option<u64>,
}

/// Pictures to judge by.
pub(crate) struct Test {
    pub(crate) source: Source,
    pub(crate) dataset: Dataset,
    /// Which of them, in rising order.
    pub(crate) chosen: Vec<usize>,
    /// Seed they were drawn with; none where they are the first ones.
    pub(crate) seed: Option<u64>,
}

impl DataArgs {
    /// Where the pictures are.
    pub(crate) fn source(&self) -> Result<Source> {
        let source: Source = self.data.parse()?;
        if self.labels.is_some() && source.format().name() != "folder" {
            let problem = format!("{source} has its own labels; it is for --data folder:DIR");
            return Err(Error::Flag { flag: "--labels", problem });
        }
        Ok(source)
    }

    /// The same flags for a device, on which pictures and labels get places of their own: `pairs` of there and here.
    pub(super) fn words(
        &self,
        words: Words,
        session: &mut Session,
        pairs: &mut Vec<[String; 2]>,
    ) -> Result<Words> {
        let data = session.push_data(&self.data)?;
        pairs.push([data.clone(), self.data.clone()]);
        let mut words = words
            .flag("--data", Some(data))
            .flag("--split", Some(&self.split))
            .flag("--limit", self.limit)
            .flag("--sample", self.sample)
            .flag("--seed", self.seed);
        for (flag, path) in [("--labels", &self.labels), ("--classes", &self.classes)] {
            if let Some(path) = path {
                let there = session.push(path)?;
                words = words.flag(flag, Some(&there));
                pairs.push([there, path.display().to_string()]);
            }
        }
        Ok(words)
    }

    /// Reads and chooses. Numbers of a file of labels are the classes of `file`, whose outputs before the first class are `offset`.
    pub(crate) fn load(&self, source: Source, file: &ModelFile, offset: usize) -> Result<Test> {
        let dataset = match &self.labels {
            Some(labels) => data::listed(source.folder(), labels, self.names(file, offset)?)?,
            None => source.load(if self.split == "train" { Split::Train } else { Split::Test })?,
        };
        if dataset.is_empty() {
            return Err(Error::Flag { flag: "--data", problem: format!("{} holds no pictures", dataset.name) });
        }
        let total = dataset.len();
        let seed = self.seed.unwrap_or(0);
        let (chosen, seed) = match (self.sample, self.limit) {
            (Some(count), _) => (Random::new(seed).sample(total, count as usize), Some(seed)),
            (None, limit) => ((0..limit.map_or(total, |limit| total.min(limit as usize))).collect(), None),
        };
        Ok(Test { source, dataset, chosen, seed })
    }

    fn names(&self, file: &ModelFile, offset: usize) -> Result<Vec<String>> {
        if let Some(path) = &self.classes {
            return Ok(data::class_names(path)?);
        }
        if let Some(names) = file.model.metadata.get(CLASSES) {
            let bad = |error: serde_json::Error| file.misfit(format!("its metadata {CLASSES}: {error}"));
            return serde_json::from_str(names).map_err(bad);
        }
        let outputs = outputs(file).ok_or_else(|| Error::Flag {
            flag: "--labels",
            problem: format!("{} does not say how many classes it has; name them with --classes", file.name()),
        })?;
        Ok((0..outputs.saturating_sub(offset)).map(|class| class.to_string()).collect())
    }
}

impl Test {
    /// The class of each picture that was chosen.
    pub(crate) fn labels(&self) -> impl Iterator<Item = usize> {
        self.chosen.iter().map(|&at| self.dataset.label(at))
    }

    /// Whether a model that has so many outputs can be judged by these pictures.
    pub(crate) fn fits(&self, file: &ModelFile, outputs: usize, offset: usize) -> Result<()> {
        let (name, expected) = (&self.dataset.name, self.dataset.classes.len());
        if outputs == expected + offset {
            return Ok(());
        }
        let less = if offset == 0 { String::new() } else { format!(" and {offset} outputs before them") };
        let classes = outputs.saturating_sub(offset);
        let mut problem = format!("it tells {classes} classes apart{less}, but {name} has {expected}");
        if outputs == expected + 1 && offset == 0 {
            problem += "; if its first output is a background, say --class-offset 1";
        }
        Err(file.misfit(problem))
    }
}

/// Which pictures, in words: so many of so many, and the seed they were drawn with.
pub(crate) fn chosen(pictures: usize, of: usize, seed: Option<u64>) -> String {
    let (part, all) = (count(pictures as u64), count(of as u64));
    match seed {
        _ if pictures == of => format!("{all} pictures"),
        Some(seed) => format!("{part} of {all} pictures, drawn with seed {seed}"),
        None => format!("the first {part} of {all} pictures"),
    }
}

/// How many numbers a model gives per picture, where its file says so.
pub(crate) fn outputs(file: &ModelFile) -> Option<usize> {
    match file.model.graph.outputs.first()?.dims.as_deref()? {
        [_, Dim::Fixed(outputs)] => Some(*outputs),
        _ => None,
    }
}
