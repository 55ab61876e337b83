//! The paper's 15 benchmarks: which methods are compared in which space on which data.

pub mod machine;
pub mod outcome;
pub mod table;

use crate::error::Error;

/// One benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Benchmark {
    /// Its name on command lines.
    pub name: &'static str,
    /// Its number in the paper; none for `collapse`, which is ours.
    pub number: Option<u8>,
    /// The search space.
    pub space: &'static str,
    /// The kind of data, as before the colon of a source; `any` where every data set does.
    pub data: &'static str,
    /// The preset that it is run with where none is asked for.
    pub preset: &'static str,
    /// The methods compared.
    pub methods: &'static [&'static str],
    /// One line on what it is.
    pub summary: &'static str,
}

/// Table 1.
const OPEN: &[&str] =
    &["darts", "darts-2nd", "drop-path", "pc-darts", "p-darts", "darts-", "fair-darts", "noisydarts"];

/// Table 2.
const REDUCED: &[&str] =
    &["darts", "robust-ada", "robust-es", "robust-l2", "sdarts-rs", "sdarts-adv", "noisydarts"];

/// Table 3.
const NAS_BENCH: &[&str] = &["darts", "darts-2nd", "drop-path", "gdas", "setn", "rsps", "random", "noisydarts"];

const MOBILE: &[&str] = &["darts", "proxyless", "noisydarts"];

const COLLAPSE: &[&str] = &["darts", "noisydarts"];

const fn reduced(number: u8, name: &'static str, space: &'static str, data: &'static str) -> Benchmark {
    Benchmark {
        name,
        number: Some(number),
        space,
        data,
        preset: "small",
        methods: REDUCED,
        summary: "a reduced space, Table 2",
    }
}

/// Every benchmark.
pub const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "darts-cifar10",
        number: Some(1),
        space: "darts",
        data: "cifar10",
        preset: "small",
        methods: OPEN,
        summary: "the DARTS space, Table 1",
    },
    Benchmark {
        name: "mobile-imagenet",
        number: Some(2),
        space: "mobile",
        data: "folder",
        preset: "small",
        methods: MOBILE,
        summary: "the MobileNetV2-like space, Table 1; pictures in one folder per class",
    },
    reduced(3, "s1-cifar10", "s1", "cifar10"),
    reduced(4, "s2-cifar10", "s2", "cifar10"),
    reduced(5, "s3-cifar10", "s3", "cifar10"),
    reduced(6, "s4-cifar10", "s4", "cifar10"),
    reduced(7, "s1-cifar100", "s1", "cifar100"),
    reduced(8, "s2-cifar100", "s2", "cifar100"),
    reduced(9, "s3-cifar100", "s3", "cifar100"),
    reduced(10, "s4-cifar100", "s4", "cifar100"),
    reduced(11, "s1-svhn", "s1", "svhn"),
    reduced(12, "s2-svhn", "s2", "svhn"),
    reduced(13, "s3-svhn", "s3", "svhn"),
    reduced(14, "s4-svhn", "s4", "svhn"),
    Benchmark {
        name: "nb201",
        number: Some(15),
        space: "nb201",
        data: "cifar10",
        preset: "small",
        methods: NAS_BENCH,
        summary: "NAS-Bench-201, searched on CIFAR-10 and looked up with --table, Table 3",
    },
    Benchmark {
        name: "collapse",
        number: None,
        space: "nb201",
        data: "any",
        preset: "collapse",
        methods: COLLAPSE,
        summary: "DARTS's collapse and NoisyDARTS without it, in one picture",
    },
];

/// The benchmark of this name.
///
/// # Errors
/// When there is none; suggests the nearest.
pub fn by_name(name: &str) -> Result<&'static Benchmark, Error> {
    let known: Vec<&str> = BENCHMARKS.iter().map(|benchmark| benchmark.name).collect();
    let found = BENCHMARKS.iter().find(|benchmark| benchmark.name == name);
    Ok(found.ok_or_else(|| models::error::Error::unknown("benchmark", name, &known))?)
}

impl Benchmark {
    /// The source among these that the benchmark is run on: one of its kind of data, else the embedded data where that is
    /// offered.
    ///
    /// # Errors
    /// When there is none; says which is wanted.
    pub fn source<'a>(&self, sources: &'a [String]) -> Result<&'a str, Error> {
        let kind = |source: &str| source.split(':').next().unwrap_or_default() == self.data;
        let fitting = sources.iter().find(|source| kind(source) || self.data == "any");
        let stand_in = || sources.iter().find(|source| *source == "embedded");
        match (fitting.or_else(stand_in), self.data) {
            (Some(source), _) => Ok(source),
            (None, "any") => Ok("embedded"),
            (None, wanted) => Err(Error::SettingValue {
                origin: "a flag".into(),
                key: "--data".into(),
                found: if sources.is_empty() { "nothing".into() } else { sources.join(", ") },
                problem: format!("benchmark {} needs {wanted}:DIR (or embedded, as a stand-in)", self.name),
            }),
        }
    }
}
