//! `accuracy` in all its forms, on a small model and the embedded pictures.

use std::fs;

use super::{Tiny, data, evaluate, json, runtimes};

const EMBEDDED: [&str; 6] = ["--data", "embedded", "--limit", "60", "--fit", "pad"];

#[test]
fn mistakes_and_confusion_are_drawn() {
    let model = Tiny::default().write();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (matrix, sheet) = (path("confusion.svg"), path("mistakes.svg"));
    for runtime in runtimes() {
        let args =
            ["accuracy", model.path(), "--runtime", runtime, "--confusion", &matrix, "--mistakes", &sheet];
        let found = json(args.into_iter().chain(EMBEDDED), 0);
        let wrong = 60 - found["top1"]["correct"].as_u64().unwrap();
        let (matrix, sheet) = (fs::read_to_string(&matrix).unwrap(), fs::read_to_string(&sheet).unwrap());
        assert!(matrix.starts_with("<svg") && matrix.contains(">Ankle boot</text>"));
        assert!(sheet.contains(&format!("The 40 worst of {wrong} mistakes")), "{sheet}");
        assert_eq!(sheet.matches("href=\"data:image/png;base64,iVBOR").count(), 40);
        let mistakes = found["mistakes"].as_array().unwrap();
        assert_eq!(mistakes.len(), 40);
        assert!(mistakes.iter().all(|m| m["image"].as_str().unwrap().starts_with("data:image/png")));
        let right = |i: usize| mistakes[i]["probability_of_class"].as_f64().unwrap();
        assert!((1..40).all(|i| right(i - 1) <= right(i)));
        let confused = found["confused"].as_array().unwrap().iter();
        assert_eq!(confused.map(|c| c["pictures"].as_u64().unwrap()).sum::<u64>(), wrong);
        assert!(found["environment"]["program"].as_str().unwrap().starts_with("noisydarts-evaluate"));
    }
}

#[test]
fn a_model_is_as_good_as_itself_and_channels_may_come_last() {
    let [first, last] = [false, true].map(|channels_last| Tiny { channels_last, ..Tiny::default() }.write());
    for runtime in runtimes() {
        let args = ["accuracy", first.path(), "--against", last.path(), "--runtime", runtime];
        let found = json(args.into_iter().chain(EMBEDDED), 0);
        let against = &found["against"];
        assert_eq!(
            (&against["only_first"], &against["only_second"], &against["p"]),
            (&0.into(), &0.into(), &1.0.into())
        );
        assert_eq!((&found["input"]["layout"], &against["input"]["layout"]), (&"nchw".into(), &"nhwc".into()));
        let text = evaluate(args.into_iter().chain(EMBEDDED)).stdout;
        assert!(text.contains("p = 1.00e0: 0 pictures only the first gets right, 0 only the second"), "{text}");
        assert!(text.contains("the first 60 of 1 000 pictures") && text.contains("By class"), "{text}");
    }
    let asked = evaluate(["accuracy", first.path(), "--layout", "nhwc"].into_iter().chain(EMBEDDED));
    assert!(asked.stderr.contains("takes [1, 3, 32, 32]"), "{}", asked.stderr);
}

#[test]
fn outputs_before_the_first_class_are_left_out() {
    let model = Tiny { classes: 11, ..Tiny::default() }.write();
    let args = ["accuracy", model.path(), "--runtime", "tract"];
    let refused = evaluate(args.into_iter().chain(EMBEDDED));
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("if its first output is a background, say --class-offset 1"),
        "{}",
        refused.stderr
    );
    let flag = json(args.into_iter().chain(EMBEDDED).chain(["--class-offset", "1"]), 0);
    assert_eq!((&flag["classes"], &flag["class_offset"]), (&10.into(), &1.into()));
    let metadata = vec![("noisydarts.class_offset", "1".into())];
    let own = Tiny { classes: 11, metadata, ..Tiny::default() }.write();
    let own = json(["accuracy", own.path(), "--runtime", "tract"].into_iter().chain(EMBEDDED), 0);
    assert_eq!((&own["top1"], &own["class_offset"]), (&flag["top1"], &1.into()));
}

/// The same pictures, once by folders and once by a list, give the same answers.
#[test]
fn a_list_says_of_which_class_a_picture_is() {
    let folder = tempfile::tempdir().unwrap();
    for (class, shade) in [("cat", 90), ("dog", 200)] {
        let at = folder.path().join("test").join(class);
        fs::create_dir_all(&at).unwrap();
        for i in 0..3_u8 {
            image::RgbImage::from_pixel(40, 36, image::Rgb([shade, i * 80, 255 - shade]))
                .save(at.join(format!("{i}.png")))
                .unwrap();
        }
    }
    let lines =
        ["cat", "dog"].map(|class| [0, 1, 2].map(|i| format!("test/{class}/{i}.png {class}\n")).concat());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (labels, classes, data) = (at("labels.txt"), at("classes.txt"), format!("folder:{}", at("")));
    fs::write(&labels, lines.concat()).unwrap();
    fs::write(&classes, "cat\ndog\n").unwrap();
    let model = Tiny { classes: 2, ..Tiny::default() }.write();
    let args = ["accuracy", model.path(), "--data", &data, "--runtime", "tract", "--resize", "32"];
    let listed = ["--labels", &labels, "--classes", &classes];
    let [by_folder, by_list] = [&[][..], &listed].map(|extra| json(args.iter().chain(extra), 0));
    assert_eq!(by_list["pictures"], 6);
    assert_eq!((&by_list["top1"], &by_list["by_class"]), (&by_folder["top1"], &by_folder["by_class"]));
    // The model's own names will do, and so will numbers.
    let named = Tiny {
        classes: 2,
        metadata: vec![("noisydarts.classes", r#"["cat","dog"]"#.into())],
        ..Tiny::default()
    };
    let named = named.write();
    let args = ["accuracy", named.path(), "--data", &data, "--runtime", "tract", "--resize", "32"];
    assert_eq!(json(args.iter().chain(&listed[..2]), 0)["by_class"], by_folder["by_class"]);
    let refused = evaluate(["accuracy", model.path(), "--data", "embedded", "--labels", &labels]);
    assert!(refused.stderr.contains("accept --labels: embedded has its own labels"), "{}", refused.stderr);
    let unnamed = evaluate(["accuracy", model.path(), "--data", &data, "--labels", &labels]);
    assert!(unnamed.stderr.contains("labels.txt, line 1: expected a path and a class"), "{}", unnamed.stderr);
}

/// Pictures per class, as counted in Python.
#[test]
fn every_picture_of_other_data_sets_is_judged() {
    let cases = [
        ("cifar100", "cifar100-mini", 100, vec![10; 100]),
        ("svhn", "svhn-format", 10, vec![8, 11, 12, 8, 13, 8, 13, 3, 14, 10]),
    ];
    for (kind, folder, classes, expected) in cases {
        let Some(folder) = data(folder) else { continue };
        let model = Tiny { classes, batch: None, ..Tiny::default() }.write();
        let source = format!("{kind}:{}", folder.display());
        for runtime in runtimes() {
            let found = json(["accuracy", model.path(), "--data", &source, "--runtime", runtime], 0);
            let by_class = found["by_class"].as_array().unwrap();
            let pictures: Vec<u64> = by_class.iter().map(|c| c["pictures"].as_u64().unwrap()).collect();
            assert_eq!(pictures, expected, "{kind}");
            let correct: u64 = by_class.iter().map(|c| c["correct"].as_u64().unwrap()).sum();
            assert_eq!(found["top1"]["correct"], correct);
        }
    }
}
