use std::fs;
use std::path::Path;

use models::data::Picture;
use models::input::InputSpec;
use serde::Deserialize;

/// `golden/resize/make.py` made them with Pillow 12.2.0.
#[derive(Deserialize)]
struct Case {
    picture: String,
    spec: InputSpec,
    expected: String,
}

fn open(path: &Path) -> Picture {
    let image = image::open(path).unwrap();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let channels = image.color().channel_count().into();
    Picture { width, height, channels, data: image.into_bytes() }
}

fn planes(picture: &Picture) -> Vec<u8> {
    (0..3).flat_map(|channel| picture.data.iter().skip(channel).step_by(3).copied()).collect()
}

/// Not within one grey level: equal.
#[test]
fn resizing_padding_and_cropping_are_equal_to_pillow() {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/resize");
    // A folder that make.py filled with more, random cases.
    let folder = std::env::var_os("NOISYDARTS_RESIZE_CASES").map_or(default, Into::into);
    let cases: Vec<Case> =
        serde_json::from_str(&fs::read_to_string(folder.join("cases.json")).unwrap()).unwrap();
    assert!(cases.len() >= 18);
    for case in cases {
        let (found, expected) =
            (case.spec.fit(&open(&folder.join(&case.picture))), open(&folder.join(&case.expected)));
        assert_eq!([expected.height, expected.width], case.spec.size);
        assert_eq!(found.unwrap(), planes(&expected), "{} {:?}", case.picture, case.spec);
    }
}
