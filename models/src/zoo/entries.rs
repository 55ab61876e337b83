//! The list of the zoo: one name and one data file each.

use super::Entry;

/// Pairs each name with `models/zoo/NAME.json`.
macro_rules! entries {
    ($($name:literal),* $(,)?) => {
        &[$(Entry { name: $name, text: include_str!(concat!("../../zoo/", $name, ".json")) }),*]
    };
}

/// Every network of the zoo: cells first, then mobile networks.
pub const ENTRIES: &[Entry] = entries![
    "noisydarts-a",
    "noisydarts-b",
    "noisydarts-c",
    "noisydarts-d",
    "noisydarts-e",
    "noisydarts-f",
    "noisydarts-g",
    "noisydarts-h",
    "noisydarts-i",
    "noisydarts-j",
    "noisydarts-k",
    "noisydarts-l",
    "noisydarts-m",
    "noisydarts-n",
    "darts-v1",
    "darts-v2",
    "pc-darts-cifar",
    "pc-darts-imagenet",
    "p-darts",
    "gdas",
    "gdas-fairdarts",
    "snas-mild",
    "snas-moderate",
    "snas-aggressive",
    "snas-fairdarts",
    "pr-darts",
    "mdenas",
    "nasnet-a",
    "amoebanet-a",
    "enas",
    "fairdarts-a",
    "fairdarts-b",
    "fairdarts-c",
    "fairdarts-d",
    "fairdarts-e",
    "fairdarts-f",
    "fairdarts-g",
    "dco-sparse-bs-64",
    "noisedarts-50-1",
    "noisedarts-50-2",
    "noisedarts-50-3",
    "darts-minus-cifar10-s0-0",
    "darts-minus-cifar10-s0-1",
    "darts-minus-cifar10-s0-2",
    "darts-minus-cifar10-s0-3",
    "darts-minus-cifar10-s0-4",
    "darts-minus-cifar100-s0-0",
    "darts-minus-cifar100-s0-1",
    "darts-minus-cifar100-s0-2",
    "darts-minus-cifar100-s0-3",
    "noisydarts-mobile-a",
    "noisydarts-mobile-a-se",
    "noisydarts-mobile-a-t",
    "fairnas-a",
    "fairnas-b",
    "fairnas-c",
    "scarlet-a",
    "scarlet-b",
    "scarlet-c",
    "proxylessnas-r-mobile",
    "mnasnet-a1",
    "mnasnet-b1",
    "mobilenet-v2",
    "mobilenet-v2-1.4",
    "mobilenet-v3-large",
    "mobilenet-v3-small",
    "efficientnet-b0",
    "mixnet-s",
    "mixnet-m",
    "mixnet-l",
];

/// Networks that tables list and whose layers were never published.
pub const UNPUBLISHED: &[Entry] = entries!["mnasnet-92"];
