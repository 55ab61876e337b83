use super::*;

fn message(key_value: &str) -> String {
    let mut layers = Layers::preset("toy").unwrap();
    layers.assign(key_value).and_then(|()| layers.resolve().map(drop)).unwrap_err().to_string()
}

#[test]
fn every_preset_resolves_and_paper_is_as_published() {
    for preset in PRESETS {
        Config::preset(preset.name).unwrap();
    }
    let paper = Config::preset("paper").unwrap();
    assert_eq!((paper.search.batch, paper.search.epochs), (128, 50));
    assert!((paper.noise.sigma - 0.2).abs() < 1e-12);
    assert_eq!((paper.retrain.channels, paper.retrain.cells, paper.retrain.epochs), (36, 20, 600));
}

#[test]
fn settings_override_in_order() {
    let mut layers = Layers::preset("toy").unwrap();
    layers.assign("search.epochs=3").unwrap();
    layers.assign("noise.scope=all").unwrap();
    layers.assign("noise.sigma = 1").unwrap();
    layers.assign("search.alpha_betas=[0.9, 0.99]").unwrap();
    let config = layers.resolve().unwrap();
    assert_eq!(config.search.epochs, 3);
    assert!((config.noise.sigma - 1.0).abs() < 1e-12);
    assert_eq!(config.noise.scope, crate::methods::Scope::All);
    assert!((config.search.alpha_betas[1] - 0.99).abs() < 1e-12);
}

#[test]
fn wrong_settings_name_the_key_and_the_way_out() {
    assert!(
        message("search.epoch=3").contains("did you mean \"search.epochs\""),
        "{}",
        message("search.epoch=3")
    );
    assert!(message("search.epochs=many").contains("a whole number"), "{}", message("search.epochs=many"));
    assert!(message("search.epochs=0").contains("at least 1"), "{}", message("search.epochs=0"));
    assert!(message("noise.sigma=-1").contains("noise.sigma"), "{}", message("noise.sigma=-1"));
    assert!(message("noise.scope=some").contains("some"), "{}", message("noise.scope=some"));
    assert!(message("epochs").contains("key=value"), "{}", message("epochs"));
}

#[test]
fn a_resolved_config_reads_back() {
    let config = Config::preset("small").unwrap();
    let text = toml::to_string(&config).unwrap();
    assert_eq!(toml::from_str::<Config>(&text).unwrap(), config);
}
