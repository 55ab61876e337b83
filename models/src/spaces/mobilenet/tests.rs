use super::*;
use crate::cost;
use crate::layer::Layer;
use crate::zoo::{self, Definition};

/// A mobile network of the zoo as data.
fn data(name: &str) -> MobileNet {
    match zoo::by_name(name).unwrap().definition().unwrap() {
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
    assert!(broken(|block| block.kernels = vec![4]).contains("kernel 4: expected an odd number"));
    assert!(broken(|block| block.expansion = Some(f64::NAN)).contains("expansion NaN"));
    assert!(broken(|block| block.se = Some(0.25)).contains("squeeze ratio 0.25"));
    assert!(broken(|block| block.stride = 0).contains("layers.1.depthwise.conv"));
}

#[test]
fn an_unknown_activation_is_suggested() {
    let error = serde_json::from_str::<Stem>(r#"{"channels": 8, "activation": "hardswish"}"#).unwrap_err();
    assert!(error.to_string().contains("did you mean \"hard-swish\""), "{error}");
}

/// Every mobile network of the zoo, by name.
fn mobile() -> impl Iterator<Item = (&'static str, MobileNet)> {
    zoo::ENTRIES.iter().filter_map(|entry| match entry.definition().unwrap() {
        Definition::Mobile(mobile) => Some((entry.name, mobile)),
        Definition::Cells(_) => None,
    })
}

#[test]
fn block_strings_are_read_as_they_are_written() {
    for (name, network) in mobile() {
        let text = network.to_string();
        assert_eq!(MobileNet::parse(&text).unwrap(), network, "{name}: {text}");
        assert_eq!(block::write(&network.blocks), block::write(&MobileNet::parse(&text).unwrap().blocks));
    }
}

/// What timm 1.0 has for `mixnet_s`, as a list of Python: `_gen_mixnet_s` in `timm/models/efficientnet.py`.
#[test]
fn a_list_of_python_is_the_network_that_timm_builds() {
    let text = "act=relu stem=16 head=1536 se=input:swish:sigmoid:1
        [['ds_r1_k3_s1_e1_c16'],  # relu
         ['ir_r1_k3_a1.1_p1.1_s2_e6_c24', 'ir_r1_k3_a1.1_p1.1_s1_e3_c24'],
         ['ir_r1_k3.5.7_s2_e6_c40_se0.5_nsw', 'ir_r3_k3.5_a1.1_p1.1_s1_e6_c40_se0.5_nsw'],
         [\"ir_r1_k3.5.7_p1.1_s2_e6_c80_se0.25_nsw\", \"ir_r2_k3.5_p1.1_s1_e6_c80_se0.25_nsw\"],
         ['ir_r1_k3.5.7_a1.1_p1.1_s1_e6_c120_se0.5_nsw', 'ir_r2_k3.5.7.9_a1.1_p1.1_s1_e3_c120_se0.5_nsw'],
         ['ir_r1_k3.5.7.9.11_s2_e6_c200_se0.5_nsw', 'ir_r2_k3.5.7.9_p1.1_s1_e6_c200_se0.5_nsw']]";
    assert_eq!(MobileNet::parse(text).unwrap(), data("mixnet-s"));
    let v3 = "act=hard-swish stem=16 hidden=1280 se=expanded:relu:hard-sigmoid:8 dropout=0.2
        ds_r1_k3_s1_e1_c16_nre ir_r1_k3_s2_e4_c24_nre ir_r1_k3_s1_e3_c24_nre ir_r3_k5_s2_e3_c40_se0.25_nre
        ir_r1_k3_s2_e6_c80 ir_r1_k3_s1_e2.5_c80 ir_r2_k3_s1_e2.3_c80 ir_r2_k3_s1_e6_c112_se0.25
        ir_r3_k5_s2_e6_c160_se0.25 cn_r1_k1_s1_c960";
    assert_eq!(MobileNet::parse(v3).unwrap(), data("mobilenet-v3-large"));
}

#[test]
fn what_is_wrong_in_a_block_string_is_named_with_its_place() {
    let error = |text: &str| MobileNet::parse(text).unwrap_err().to_string();
    for (text, place, problem) in [
        ("", "line 1, column 1", "a block string"),
        ("act=relu\n  ir_r1_k3_s1_c8", "line 2, column 3", "an expansion e"),
        ("er_r1_k3_s1_e4_c24", "line 1, column 1", "ds or ir, not \"er\""),
        ("ds_r1_k3_s1_c8 ir_r1_k3_x2_e3_c8", "line 1, column 16", "an unknown part"),
        ("ds_r1_k3_k5_c8", "line 1, column 1", "each part once"),
        ("ds_r0_k3_c8", "line 1, column 1", "1 to 100 repeats, not 0"),
        ("ds_r999999999999_k3_c8", "line 1, column 1", "1 to 100 repeats"),
        ("ds_k3_c8_nxx", "line 1, column 1", "unknown activation code \"xx\""),
        ("ir_k3_a1.3_e6_c8", "line 1, column 1", "kernels of 1"),
        ("ir_k3_e-6_c8", "line 1, column 1", "an unknown part"),
        ("ds_k3_e6_c8", "line 1, column 1", "no expansion 6"),
        ("width=2 ds_k3_c8", "line 1, column 1", "one of the settings size, classes"),
        ("se=input:relu ds_k3_c8", "line 1, column 1", "four parts"),
        ("cn_r1_k1_s1_c960 ds_k3_c8", "line 1, column 18", "nothing behind the convolution of the head"),
    ] {
        let error = error(text);
        assert!(error.contains(place) && error.contains(problem), "{text:?}: {error}");
    }
}

/// Parameters of the `PyPI` package timm 1.0.31: `sum(p.numel() for p in timm.create_model(name).parameters())`.
#[test]
fn widths_are_those_of_timm() {
    for (name, parameters) in [
        ("mobilenet-v2-0.35", 1_677_128),
        ("mobilenet-v2-0.5", 1_968_680),
        ("mobilenet-v2-0.75", 2_636_424),
        ("mobilenet-v2-1", 3_504_872),
    ] {
        let network = zoo::network(name, &zoo::Options::default()).unwrap();
        assert_eq!(cost::total(&network).parameters, parameters, "{name}");
    }
    let wide = data("mobilenet-v2").scaled(1.4);
    assert_eq!(wide, data("mobilenet-v2-1.4"));
    assert_eq!(MobileNet { head: data("mixnet-m").head, ..data("mixnet-m").scaled(1.3) }, data("mixnet-l"));
    for width in ["0", "-1", "11", "NaN"] {
        let error = zoo::network(&format!("mobilenet-v2-{width}"), &zoo::Options::default()).unwrap_err();
        assert!(error.to_string().contains("width"), "{error}");
    }
}

/// Millions of parameters and of multiply-adds from an independent counter of the networks with one choice everywhere.
#[test]
fn the_corners_of_the_19_layer_space_cost_what_an_independent_counter_says() {
    for (choice, parameters, macs) in [
        ("E3_K3", "3.1891", "247.13"),
        ("E3_K5", "3.2713", "268.20"),
        ("E3_K7", "3.3945", "299.81"),
        ("E6_K3", "4.6791", "452.04"),
        ("E6_K5", "4.8435", "494.18"),
        ("E6_K7", "5.0900", "557.41"),
    ] {
        let cost = cost::total(&backbone(choice).unwrap().network(choice).unwrap());
        let found = [format!("{:.4}", cost.parameters as f64 / 1e6), format!("{:.2}", cost.macs as f64 / 1e6)];
        assert_eq!(found, [parameters, macs], "{choice}");
    }
}

#[test]
fn the_networks_of_the_paper_are_points_of_the_19_layer_space() {
    let choices = "E6_K3,E3_K3,E6_K5,E6_K3,E6_K3,E6_K3,E6_K5,E6_K7,E6_K3,E6_K3,E6_K3,E6_K3,E6_K3,E6_K3,E6_K3,\
                   E6_K7,E6_K7,E6_K7,E6_K7";
    assert_eq!(backbone(choices).unwrap().blocks, data("noisydarts-mobile-a").blocks);
    let squeezed = choices.replace(',', "_SE,") + "_SE";
    let squeezed = backbone(&squeezed).unwrap().network("squeezed").unwrap();
    assert_eq!(cost::total(&squeezed).macs, 446_669_312);
    let skipping = choices.replacen("E3_K3", "skip", 1);
    assert_eq!(backbone(&skipping).unwrap().blocks.len(), 19);
}

#[test]
fn a_choice_that_cannot_be_is_named() {
    let error = |choices: &str| backbone(choices).unwrap_err().to_string();
    assert!(error("E3_K3,E6_K5").contains("1 or 19 choices, found 2"));
    assert!(error("E3").contains("Ex_Ky, Ex_Ky_SE or skip"));
    assert!(error("skip").contains("layer 1, which changes the shape"));
}
