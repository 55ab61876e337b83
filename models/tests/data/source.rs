use models::data::{FORMATS, Source};

use super::text;

fn error(given: &str) -> String {
    text(&given.parse::<Source>().unwrap_err())
}

#[test]
fn text_form_goes_both_ways() {
    for given in
        ["embedded", "cifar10:a", "cifar100:/a/b", "svhn:a b", "mnist:C:\\x", "fashion-mnist:.", "folder:ä"]
    {
        let source: Source = given.parse().unwrap();
        assert_eq!(source.to_string(), given);
        assert_eq!(source, source.to_string().parse().unwrap());
        assert_eq!(given.split(':').next(), Some(source.format().name()));
    }
}

#[test]
fn unknown_kinds_are_met_with_the_nearest() {
    assert!(error("cifar-10:data").contains("\"cifar-10:data\"; did you mean \"cifar10\"?"));
    assert!(error("fashionmnist:x").contains("did you mean \"fashion-mnist\""));
    assert!(error("zzz").contains("known: embedded, cifar10, cifar100, svhn, mnist, fashion-mnist, folder"));
}

#[test]
fn folders_are_given_where_they_are_needed() {
    assert!(error("cifar10").contains("cifar10:DIR") && error("cifar10:").contains("cifar10:DIR"));
    assert!(error("embedded:x").contains("takes no folder, found x"));
}

#[test]
fn every_format_has_a_valid_input_spec_and_a_line_about_it() {
    for format in FORMATS {
        format.input().validate().unwrap();
        assert!(!format.about().is_empty());
    }
}
