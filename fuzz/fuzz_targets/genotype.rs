//! Any text as a genotype: what can be read is written and read again as the same, and makes a network or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use models::genotype::Genotype;
use models::spaces::darts;
use models::spaces::skeleton::Skeleton;

fuzz_target!(|text: &str| {
    let Ok(genotype) = Genotype::parse(text) else { return };
    for written in [genotype.to_json(), genotype.to_string()] {
        assert_eq!(Genotype::parse(&written).as_ref(), Ok(&genotype), "{written}");
    }
    let skeleton = Skeleton { channels: 4, cells: 3, size: [32, 32], ..Skeleton::cifar(10) };
    if let Ok(network) = darts::derived("fuzz", &genotype, &skeleton) {
        let _ = models::conventions::Macs::of(&network);
        let _ = models::draw::genotype(&genotype);
    }
});
