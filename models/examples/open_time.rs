//! How long it takes to import and to open the table of `NAS-Bench-201`: `cargo run --release -p models --example open_time
//! -- nb201_full.csv`. Prints bytes and wall times on one thread, the median and the least of 200 for opening.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use models::nb201::Architecture;
use models::nb201::table::{Column, Table, import};

fn main() -> Result<(), Box<dyn Error>> {
    let csv = std::env::args().nth(1).ok_or("expected a CSV")?;
    let start = Instant::now();
    let bytes = import(Path::new(&csv))?.bytes;
    println!("import: {} bytes, {:.0} ms", bytes.len(), milliseconds(start));
    let path = std::env::temp_dir().join(format!("open-time-{}.table", std::process::id()));
    std::fs::write(&path, bytes)?;
    let measured = measure(&path);
    std::fs::remove_file(&path)?;
    measured
}

fn measure(path: &Path) -> Result<(), Box<dyn Error>> {
    let resnet = Architecture::parse("303101")?;
    let (mut opens, mut looks) = (vec![], vec![]);
    for _ in 0..200 {
        let start = Instant::now();
        let table = Table::open(path)?;
        opens.push(milliseconds(start));
        let start = Instant::now();
        Column::all().for_each(|column| _ = black_box(table.row(resnet).get(column)));
        looks.push(milliseconds(start));
    }
    report("open", opens);
    report("all columns of one row", looks);
    Ok(())
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn report(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!("{what}: median {:.4} ms, least {:.4} ms", times[times.len() / 2], times[0]);
}
