//! What machine and program a result comes from: times of different ones are not comparable.

use std::{collections::BTreeMap, thread};

use models::proc::{field, number, text};
use serde::{Deserialize, Serialize};

/// Instructions that decide how fast networks run, as Linux names them.
const INSTRUCTIONS: &[&str] = &[
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_tile",
    "asimd",
    "asimddp",
    "asimdhp",
    "i8mm",
    "bf16",
    "sve",
    "sve2",
];

/// A machine and a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Environment {
    /// This program and its version.
    pub(crate) program: String,
    /// Operating system, as Rust names it.
    pub(crate) os: String,
    /// Kind of processor, as Rust names it.
    pub(crate) arch: String,
    /// Release of the kernel.
    pub(crate) kernel: Option<String>,
    /// Name of the processor.
    pub(crate) cpu: Option<String>,
    /// Which of the instructions that matter it has.
    pub(crate) instructions: Vec<String>,
    /// Cores that may be used.
    pub(crate) cores: Option<usize>,
    /// How the first core's clock is governed.
    pub(crate) governor: Option<String>,
    /// Memory of the machine, in MiB.
    pub(crate) memory_mib: Option<u64>,
}

impl Environment {
    /// This machine and program.
    pub(crate) fn here() -> Self {
        let cpuinfo = text("/proc/cpuinfo").unwrap_or_default();
        let name = ["model name", "Hardware"].into_iter().find_map(|name| field(&cpuinfo, name));
        let kibibytes = text("/proc/meminfo").and_then(|text| number(field(&text, "MemTotal")?));
        Self {
            program: concat!("noisydarts-evaluate ", env!("CARGO_PKG_VERSION")).into(),
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            kernel: text("/proc/sys/kernel/osrelease"),
            cpu: name.map(String::from).or_else(|| text("/proc/device-tree/model")),
            instructions: instructions(&cpuinfo),
            cores: thread::available_parallelism().ok().map(usize::from),
            governor: text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            memory_mib: kibibytes.map(|kibibytes| kibibytes as u64 / 1024),
        }
    }

    /// What differs, each in words.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let (own, others) = (self.fields(), other.fields());
        let differing = own.iter().filter(|(name, value)| others.get(*name) != Some(value));
        let said = |name: &str| others.get(name).map_or("unknown", String::as_str);
        differing.map(|(name, value)| format!("{name} {value} and {}", said(name))).collect()
    }

    fn fields(&self) -> BTreeMap<String, String> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let fields = value.as_object().into_iter().flatten();
        fields.map(|(name, value)| (name.clone(), value.to_string())).collect()
    }
}

fn instructions(cpuinfo: &str) -> Vec<String> {
    let all = ["flags", "Features"].into_iter().find_map(|name| field(cpuinfo, name)).unwrap_or_default();
    let has = |name: &&&str| all.split_whitespace().any(|found| found == **name);
    INSTRUCTIONS.iter().filter(has).map(|name| (*name).into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named() {
        let here = Environment::here();
        assert!(here.differences(&here).is_empty());
        let there = Environment { cpu: Some("Z80".into()), ..here.clone() };
        let found = here.differences(&there);
        assert!(
            found.len() == 1 && found[0].starts_with("cpu ") && found[0].ends_with("and \"Z80\""),
            "{found:?}"
        );
        let json = serde_json::to_string(&here).unwrap();
        assert_eq!(serde_json::from_str::<Environment>(&json).unwrap(), here);
    }

    #[test]
    fn instructions_by_whole_names() {
        assert_eq!(instructions("flags\t: fpu avx2 fma xavx"), ["avx2", "fma"]);
        assert_eq!(instructions("Features\t: fp asimd i8mm"), ["asimd", "i8mm"]);
    }
}
