use models::data::{Dataset, Source, Split};
use models::input::InputSpec;

use super::{class_counts, text};

fn data() -> Dataset {
    "embedded".parse::<Source>().unwrap().load(Split::Test).unwrap()
}

#[test]
fn a_balanced_part_keeps_the_order() {
    let part = data().take_balanced(23);
    assert_eq!(class_counts(&part), [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
    // The embedded data cycles through the classes.
    assert_eq!(part.labels(), (0..23).map(|i| i % 10).collect::<Vec<u16>>());
    assert_eq!(part.picture(22).unwrap(), data().picture(22).unwrap());
    assert_eq!(part.name, "embedded Fashion-MNIST test (23 of 1000, balanced)");
}

#[test]
fn what_a_class_lacks_comes_from_the_others() {
    let folder = super::idx::labelled(&[5, 0, 0, 0, 9, 0]);
    let data = super::load("mnist", folder.path(), Split::Train).unwrap();
    let part = |n| data.clone().take_balanced(n).labels().to_vec();
    assert_eq!(part(2), [5, 0]);
    assert_eq!(part(4), [5, 0, 0, 9]);
    assert_eq!(part(5), [5, 0, 0, 0, 9]);
    assert_eq!((part(6), part(1_000)), (data.labels().to_vec(), data.labels().to_vec()));
    assert!(part(0).is_empty());
}

#[test]
fn pixels_are_fitted_pictures_on_any_number_of_cores() {
    let data = data().take_balanced(50);
    let input = InputSpec::new([32, 36], [0.5; 3], [0.5; 3]);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| data.pixels(&input).unwrap())
    };
    let pixels = on(1);
    assert_eq!(pixels, on(3));
    assert_eq!((pixels.len(), pixels.image(49).len(), pixels.size), (50, 3 * 32 * 36, [32, 36]));
    assert_eq!(pixels.image(49), input.fit(&data.picture(49).unwrap()).unwrap());
    assert_eq!(pixels.labels, data.labels());
}

#[test]
fn pictures_that_do_not_fit_are_named() {
    let small = InputSpec::new([16, 16], [0.5; 3], [0.5; 3]);
    let message = text(&data().pixels(&small).unwrap_err());
    assert!(message.contains("picture 0 of embedded Fashion-MNIST test"), "{message}");
    assert!(message.contains("28x28 to 16x16"), "{message}");
    let invalid = InputSpec::new([16, 0], [0.5; 3], [0.5; 3]);
    assert!(text(&data().pixels(&invalid).unwrap_err()).contains("size has a side of 0"));
}
