//! Any text as block strings: what can be read is written and read again as the same, and makes a network or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use models::conventions::Macs;
use models::memory::Memory;
use models::spaces::mobilenet::MobileNet;

fuzz_target!(|text: &str| {
    let Ok(mobile) = MobileNet::parse(text) else { return };
    let written = mobile.to_string();
    assert_eq!(MobileNet::parse(&written).as_ref(), Ok(&mobile), "{written}");
    if let Ok(network) = mobile.network("fuzz") {
        let _ = (Macs::of(&network), Memory::of(&network));
    }
});
