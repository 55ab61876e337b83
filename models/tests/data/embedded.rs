use std::time::{Duration, Instant};

use models::data::{Dataset, Source, Split};

use super::{class_counts, sums};

fn load(split: Split) -> Dataset {
    "embedded".parse::<Source>().unwrap().load(split).unwrap()
}

/// CRC-32 of all pixels, as `data/fashion-mnist/make.py` checks it.
fn crc(data: &Dataset) -> u32 {
    let mut crc = flate2::Crc::new();
    (0..data.len()).for_each(|i| crc.update(&data.picture(i).unwrap().data));
    crc.sum()
}

#[test]
fn embedded_data_is_what_the_script_made() {
    let (train, test) = (load(Split::Train), load(Split::Test));
    assert_eq!((class_counts(&train), class_counts(&test)), (vec![600; 10], vec![100; 10]));
    assert_eq!((crc(&train), crc(&test)), (0xa788_2159, 0x711b_8df1));
    assert_eq!((sums(&train).0, sums(&test).0), (344_160_204, 56_973_981));
    assert_eq!((train.classes[0].as_str(), train.classes[9].as_str()), ("T-shirt/top", "Ankle boot"));
}

#[test]
fn its_input_spec_has_its_own_mean_and_deviation() {
    let input = "embedded".parse::<Source>().unwrap().input();
    let train = load(Split::Train).pixels(&input).unwrap();
    let mut normalised = vec![0.0; train.data.len()];
    input.normalise_into(&train.data, &mut normalised);
    let count = normalised.len() as f64;
    let mean = normalised.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let variance = normalised.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count;
    assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
}

#[test]
fn it_is_there_at_once() {
    let start = Instant::now();
    load(Split::Train);
    // Measured: 30 to 55 ms optimised, on a busy core; the limit leaves room for a debug build on a loaded machine.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
