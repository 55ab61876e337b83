use super::*;
use crate::cost;
use crate::layer::Layer;
use crate::zoo::{self, Definition};

/// A mobile network of the zoo as data.
fn data(name: &str) -> MobileNet {
    match zoo::by_name(name).unwrap().details().unwrap().definition {
        Definition::Mobile(mobile) => mobile,
        Definition::Cells(_) => panic!("{name} has cells"),
    }
}

#[test]
fn paths_follow_the_parts_of_a_block() {
    let network = data("noisydarts-mobile-a-se").network("a").unwrap();
    let names: Vec<&str> =
        network.nodes.iter().filter_map(|node| node.path.strip_prefix("layers.2.")).collect();
    let expected = [
        "expand.conv",
        "expand.bn",
        "expand.act",
        "depthwise.conv",
        "depthwise.bn",
        "depthwise.act",
        "se.pool",
        "se.reduce",
        "se.act",
        "se.expand",
        "se.gate",
        "se.scale",
        "project.conv",
        "project.bn",
        "add",
    ];
    assert_eq!(names, expected);
}

/// The placement of the released `verify_se.py`: `ReLU` in stem, first block and head, Swish inside the 19 blocks,
/// squeezed to a quarter of the block's input.
#[test]
fn noisydarts_a_has_swish_and_squeezes_in_its_19_blocks_only() {
    let network = data("noisydarts-mobile-a-se").network("a").unwrap();
    for node in &network.nodes {
        let inside = node.path.starts_with("layers.") && !node.path.starts_with("layers.0.");
        match node.layer {
            Layer::Activation(Activation::Swish) | Layer::Scale => assert!(inside, "{}", node.path),
            Layer::Activation(Activation::Relu) => assert!(!inside, "{}", node.path),
            _ => {}
        }
    }
    assert_eq!(network.nodes.iter().filter(|node| node.layer == Layer::Scale).count(), 19);
    let squeezed = |path: &str| network.nodes.iter().find(|node| node.path == path).unwrap().shape.channels();
    assert_eq!([squeezed("layers.1.se.reduce"), squeezed("layers.19.se.reduce")], [4, 48]);
}

#[test]
fn squeezes_round_to_their_divisor_but_never_lose_a_tenth() {
    let squeeze = |divisor| Squeeze {
        of: Reference::Expanded,
        activation: Activation::Relu,
        gate: Activation::HardSigmoid,
        divisor,
    };
    let squeezed = [72, 120, 480, 672, 960].map(|expanded| squeeze(8).channels(expanded, 0.25));
    assert_eq!(squeezed, [24, 32, 120, 168, 240]);
    assert_eq!(squeeze(1).channels(24, 0.25), 6);
    assert_eq!(squeeze(1).channels(2, 0.25), 1);
}

#[test]
fn classes_and_size_are_parameters() {
    let mobile = MobileNet { classes: 10, size: [96, 128], ..data("mobilenet-v2") };
    let network = mobile.network("small").unwrap();
    assert_eq!(network.classes(), 10);
    // Measured against the 1000-class network: 1280 weights and a bias fewer for each class.
    assert_eq!(cost::total(&network).parameters, 3_504_872 - 990 * 1281);
}

#[test]
fn a_block_that_cannot_be_built_is_named() {
    let broken = |change: fn(&mut Block)| {
        let mut mobile = data("mobilenet-v2");
        change(&mut mobile.blocks[1]);
        mobile.network("broken").unwrap_err().to_string()
    };
    assert!(broken(|block| block.kernel = 4).contains("kernel 4: expected an odd number"));
    assert!(broken(|block| block.expansion = f64::NAN).contains("expansion NaN"));
    assert!(broken(|block| block.se = Some(0.25)).contains("squeeze ratio 0.25"));
    assert!(broken(|block| block.stride = 0).contains("layers.1.depthwise.conv"));
}

#[test]
fn an_unknown_activation_is_suggested() {
    let error = serde_json::from_str::<Stem>(r#"{"channels": 8, "activation": "hardswish"}"#).unwrap_err();
    assert!(error.to_string().contains("did you mean \"hard-swish\""), "{error}");
}
