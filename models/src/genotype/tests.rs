use super::*;
use crate::network::Row;
use crate::network::Table;
use crate::zoo;

/// `NoisyDARTS-a` as the released `genotypes.py` has it.
const NOISY_DARTS_A: &str = "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), \
    ('dil_conv_3x3', 2), ('dil_conv_3x3', 3), ('sep_conv_3x3', 1), ('dil_conv_5x5', 4), ('dil_conv_3x3', 3)], \
    normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('dil_conv_5x5', 1), ('skip_connect', 2), \
    ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 3), ('skip_connect', 2), ('dil_conv_5x5', 4)], \
    reduce_concat=range(2, 6))";

#[test]
fn both_forms_round_trip() {
    let genotype = Genotype::parse(NOISY_DARTS_A).unwrap();
    assert_eq!(genotype.normal.edges[3], Edge { node: 3, from: 2, op: "dil_conv_3x3".into() });
    assert_eq!(Genotype::parse(&genotype.to_json()).unwrap(), genotype);
    assert_eq!(Genotype::parse(&genotype.to_string()).unwrap(), genotype);
    let named = format!("NOISY = {NOISY_DARTS_A}\n");
    assert_eq!(Genotype::parse(&named).unwrap(), genotype);
}

#[test]
fn fair_darts_triples_round_trip() {
    let text = "Genotype(normal=[('sep_conv_3x3', 2, 0), ('max_pool_3x3', 4, 0)], normal_concat=[2, 4], \
        reduce=[('avg_pool_3x3', 2, 0), ('skip_connect', 2, 1)], reduce_concat=[2])";
    let genotype = Genotype::parse(text).unwrap();
    assert_eq!(genotype.space, "fair-darts");
    assert_eq!(Genotype::parse(&genotype.to_string()).unwrap(), genotype);
    assert_eq!(Genotype::parse(&genotype.to_json()).unwrap(), genotype);
}

/// The message of the error that this text gives.
fn message(text: &str) -> String {
    Genotype::parse(text).unwrap_err().to_string()
}

#[test]
fn errors_point_at_the_character() {
    let wrong_op = NOISY_DARTS_A.replacen("'skip_connect', 0", "'skip_conect', 0", 1);
    let column = wrong_op.find("('skip_conect'").unwrap() + 1;
    let found = message(&wrong_op);
    assert!(found.contains(&format!("line 1, column {column}")), "{found}");
    assert!(found.contains("did you mean \"skip_connect\""), "{found}");

    let forward = NOISY_DARTS_A.replacen("('dil_conv_3x3', 2)", "('dil_conv_3x3', 3)", 1);
    assert!(message(&forward).contains("from node 3 into node 3"), "{}", message(&forward));
    let odd = NOISY_DARTS_A.replacen(", ('dil_conv_3x3', 3)], normal", "], normal", 1);
    assert!(message(&odd).contains("node 5 has 1 inputs"), "{}", message(&odd));
    let cut = &NOISY_DARTS_A[..60];
    assert!(message(cut).contains("column 61"), "{}", message(cut));
    assert!(message("").contains("a genotype"), "{}", message(""));
    let tail = format!("{NOISY_DARTS_A} x");
    assert!(message(&tail).contains("nothing after"), "{}", message(&tail));
}

#[test]
fn json_errors_point_at_the_character() {
    let json = Genotype::parse(NOISY_DARTS_A).unwrap().to_json();
    let wrong = json.replacen("[\"3_2\", \"dil_conv_3x3\"]", "[\"3_7\", \"dil_conv_3x3\"]", 1);
    let line = wrong.lines().position(|line| line.contains("3_7")).unwrap() + 1;
    let found = message(&wrong);
    assert!(found.contains(&format!("line {line}, column 7")), "{found}");
    assert!(message(&json.replace("\"schema\": 1", "\"schema\": 9")).contains("schema 1"));
    assert!(
        message(&json.replace("\"space\": \"darts\"", "\"space\": \"dart\""))
            .contains("did you mean \"darts\"")
    );
    assert!(message(&json[..json.len() / 2]).contains("EOF"), "{}", message(&json[..json.len() / 2]));
    let concat = json.replacen("[2, 3, 4, 5]", "[2, 3, 4, 6]", 1);
    assert!(message(&concat).contains("concatenates node 6"), "{}", message(&concat));
}

/// A DARTS-shaped table with three operations.
fn table() -> Table {
    let ops = ["none", "skip_connect", "sep_conv_3x3"].map(String::from).to_vec();
    let edges = (2..6).flat_map(|node| (0..node).map(move |from| format!("{node}_{from}")));
    Table { name: "normal".into(), rows: edges.map(|edge| Row { edge, ops: ops.clone() }).collect() }
}

#[test]
fn discretising_keeps_the_two_strongest_edges_and_never_none() {
    let mut weights = vec![vec![0.8, 0.1, 0.1]; 14];
    weights[3] = vec![0.0, 0.3, 0.7]; // 3_1
    weights[4] = vec![0.9, 0.06, 0.04]; // 3_2: mostly none, so weaker than 3_0
    let cell = discretise(&table(), &weights);
    let of_node_3: Vec<_> = cell.edges.iter().filter(|edge| edge.node == 3).collect();
    assert_eq!((of_node_3[0].from, of_node_3[0].op.as_str()), (1, "sep_conv_3x3"));
    assert_eq!((of_node_3[1].from, of_node_3[1].op.as_str()), (0, "skip_connect"));
    assert!(cell.edges.iter().all(|edge| edge.op != "none"));
    assert_eq!(cell.concat, [2, 3, 4, 5]);
}

#[test]
fn discretising_one_hot_weights_gives_that_genotype_back() {
    let supernet_ops = crate::spaces::darts::OPS;
    let genotype = Genotype::parse(NOISY_DARTS_A).unwrap();
    for (_, cell) in genotype.cells() {
        let ops = supernet_ops.map(String::from).to_vec();
        let rows: Vec<Row> = table().rows.into_iter().map(|row| Row { ops: ops.clone(), ..row }).collect();
        let weight = |row: &Row, op: &String| {
            let chosen = |edge: &&Edge| format!("{}_{}", edge.node, edge.from) == row.edge && edge.op == *op;
            if cell.edges.iter().any(|edge| chosen(&edge)) { 1.0 } else { 0.0 }
        };
        let weights: Vec<Vec<f64>> =
            rows.iter().map(|row| ops.iter().map(|op| weight(row, op)).collect()).collect();
        let mut found = discretise(&Table { name: "normal".into(), rows }, &weights).edges;
        let mut expected = cell.edges.clone();
        for edges in [&mut found, &mut expected] {
            edges.sort_by_key(|edge| (edge.node, edge.from));
        }
        assert_eq!(found, expected);
    }
}

/// Found by fuzzing: the Python form names no nodes, so edges out of order changed places.
#[test]
fn edges_of_json_in_any_order_are_the_same_genotype() {
    let ordered = zoo::by_name("noisydarts-a").unwrap().genotype().unwrap();
    let mut shuffled = ordered.clone();
    shuffled.normal.edges.rotate_left(2);
    let read = Genotype::parse(&shuffled.to_json()).unwrap();
    assert_eq!(read, ordered);
    assert_eq!(Genotype::parse(&read.to_string()).unwrap(), ordered);
}

/// Found by fuzzing: nodes up to the highest one were looked at one by one.
#[test]
fn nodes_beyond_any_cell_are_refused() {
    let text = zoo::by_name("fairdarts-c").unwrap().genotype().unwrap().to_json();
    let edge = text.find("[\"2_").unwrap() + 2;
    let text = format!("{}33333333332{}", &text[..edge], &text[edge + 1..]);
    let error = Genotype::parse(&text).unwrap_err().to_string();
    assert!(error.contains("an edge into node 33333333332") && error.contains("line"), "{error}");
}
