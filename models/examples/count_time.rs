//! How long counting takes once a network or file is loaded: `cargo run --release -p models --features onnx --example
//! count_time -- zoo:noisydarts-a model.onnx ...`. Prints the median and the least of 50 counts, in milliseconds of wall
//! time on one thread.

use std::error::Error;
use std::time::Instant;

use models::conventions::{Macs, Parameters};
use models::memory::Memory;
use models::onnx::{self, Assume};
use models::zoo::{self, Options};

fn main() -> Result<(), Box<dyn Error>> {
    for name in std::env::args().skip(1) {
        if let Some(entry) = zoo::name_of(&name) {
            let network = zoo::network(entry, &Options::default())?;
            report(&name, || Ok((Macs::of(&network), Parameters::of(&network), Memory::of(&network))))?;
        } else {
            let model = onnx::read(&name)?;
            report(&name, || Ok(model.account(&Assume::default())?))?;
        }
    }
    Ok(())
}

fn report<T>(name: &str, count: impl Fn() -> Result<T, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        std::hint::black_box(count()?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}: median {:.2} ms, least {:.2} ms", times[times.len() / 2], times[0]);
    Ok(())
}
