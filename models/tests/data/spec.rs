use models::data::Picture;
use models::input::{Fit, IMAGENET, InputSpec, Interpolation, Layout};

use super::text;

fn spec() -> InputSpec {
    InputSpec::new([2, 3], [0.5, 0.25, 0.0], [0.5, 0.25, 1.0])
}

fn crop() -> InputSpec {
    InputSpec { fit: Fit::ResizeCrop, ..spec() }
}

#[test]
fn the_json_form_is_stable() {
    let (mean, std) = IMAGENET;
    let full = InputSpec {
        resize: Some(256),
        crop: Some(224),
        fit: Fit::ResizeCrop,
        interpolation: Interpolation::Bicubic,
        ..InputSpec::new([224; 2], mean, std)
    };
    let text = concat!(
        r#"{"size":[224,224],"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225],"resize":256,"crop":224,"#,
        r#""fit":"resize-crop","interpolation":"bicubic","layout":"nchw"}"#
    );
    assert_eq!(full.to_json().unwrap(), text);
    assert_eq!(InputSpec::from_json(text).unwrap(), full);
}

#[test]
fn every_float_comes_back_as_it_was() {
    for bits in (0x3000_0000..0x3f80_0000).step_by(0x0001_2345) {
        let spec = InputSpec { std: [f32::from_bits(bits); 3], ..spec() };
        assert_eq!(InputSpec::from_json(&spec.to_json().unwrap()).unwrap(), spec);
    }
}

#[test]
fn absent_fields_have_defaults_and_unknown_ones_are_refused() {
    let short = r#"{"size":[2,3],"mean":[0.5,0.25,0.0],"std":[0.5,0.25,1.0]}"#;
    assert_eq!(InputSpec::from_json(short).unwrap(), spec());
    let error = InputSpec::from_json(&short.replace("mean", "maen")).unwrap_err();
    assert!(text(&error).contains("read the input spec: unknown field `maen`"), "{}", text(&error));
    assert!(InputSpec::from_json(&short.replace("0.25", "0")).unwrap_err().to_string().contains("std[1] is 0"));
}

#[test]
fn wrong_values_are_named() {
    let cases = [
        (InputSpec { size: [0, 3], ..spec() }, "size has a side of 0"),
        (InputSpec { size: [2, 1 << 20], ..spec() }, "size has a side of 1048576, expected 1 to 16384"),
        (InputSpec { resize: Some(0), ..crop() }, "resize has a side of 0"),
        (InputSpec { mean: [0.0, f32::NAN, 0.0], ..spec() }, "mean[1] is NaN"),
        (InputSpec { std: [1.0, 1.0, -1.0], ..spec() }, "std[2] is -1"),
        (InputSpec { std: [f32::INFINITY, 1.0, 1.0], ..spec() }, "std[0] is inf"),
        (InputSpec { resize: Some(9), ..spec() }, "resize is used by"),
        (InputSpec { crop: Some(9), ..spec() }, "crop is used by"),
        (InputSpec { resize: Some(2), ..crop() }, "a crop of 3 pixels from a shorter side resized to 2"),
        (InputSpec { resize: Some(8), crop: Some(9), ..crop() }, "a crop of 9 pixels"),
    ];
    for (spec, part) in cases {
        let message = spec.validate().unwrap_err().to_string();
        assert!(message.contains(part), "expected {part:?} in: {message}");
        assert!(spec.to_json().is_err());
    }
    assert!(crop().validate().is_ok() && spec().validate().is_ok());
}

#[test]
fn pictures_that_are_not_what_they_say_are_refused() {
    let picture = |channels, bytes| Picture { width: 3, height: 2, channels, data: vec![0; bytes] };
    assert!(spec().fit(&picture(1, 6)).is_ok() && spec().fit(&picture(3, 18)).is_ok());
    for (channels, bytes) in [(1, 7), (3, 17), (4, 24), (0, 0)] {
        let message = spec().fit(&picture(channels, bytes)).unwrap_err().to_string();
        assert!(message.contains(&format!("2x3 with {channels} channels and {bytes} bytes")), "{message}");
    }
}

#[test]
fn normalisation_is_divide_subtract_divide() {
    let planes: Vec<u8> = (0..36).map(|i| i * 7).collect();
    let mut out = vec![0.0; 36];
    spec().normalise_into(&planes, &mut out);
    // Two pictures: channels begin at 0, 6, 12 and again at 18, 24, 30.
    for (i, (x, y)) in planes.iter().zip(&out).enumerate() {
        let channel = i / 6 % 3;
        let expected = (f32::from(*x) / 255.0 - spec().mean[channel]) / spec().std[channel];
        assert_eq!(y.to_bits(), expected.to_bits());
    }
    let grey = Picture { width: 3, height: 2, channels: 1, data: vec![0, 51, 102, 153, 204, 255] };
    let tensor = spec().tensor(&grey).unwrap();
    assert_eq!((tensor.len(), tensor[0], tensor[5], tensor[11], tensor[17]), (18, -1.0, 1.0, 3.0, 1.0));
}

#[test]
fn channels_may_come_last() {
    let planes: Vec<u8> = (0..36).map(|i| i * 7).collect();
    let [mut first, mut last] = [[0.0; 36]; 2];
    spec().normalise_into(&planes, &mut first);
    let other = InputSpec { layout: Layout::Nhwc, ..spec() };
    other.normalise_into(&planes, &mut last);
    for (i, x) in first.iter().enumerate() {
        let (picture, channel, pixel) = (i / 18, i / 6 % 3, i % 6);
        assert_eq!(last[picture * 18 + pixel * 3 + channel].to_bits(), x.to_bits());
    }
    assert_eq!((spec().shape(5), other.shape(5)), ([5, 3, 2, 3], [5, 2, 3, 3]));
    assert!(other.to_json().unwrap().ends_with(r#""layout":"nhwc"}"#));
}
