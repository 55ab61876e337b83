//! `FairDARTS`: gates that do not compete, a loss that drives them apart, a threshold.

use models::genotype::Genotype;
use models::network::Table;
use models::spaces::darts::Darts;
use models::spaces::skeleton::Skeleton;
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::methods::{Method, Numbers, View, by_name};
use tch::{Device, Kind, Tensor};

use crate::supernet::{BEGINNING, alone, config};

fn method() -> Box<dyn Method> {
    by_name("fair-darts", &config("fair-darts")).unwrap()
}

fn tables() -> Vec<Table> {
    Darts.tables(&Skeleton::cifar(10), SpaceOptions::default())
}

fn view<'a>(tables: &'a [Table], alphas: &'a [Tensor]) -> View<'a> {
    View { space: &Darts, tables, alphas, extras: &[] }
}

/// Alphas in float64, ready for gradients.
fn alphas() -> Vec<Tensor> {
    (0..28).map(|_| Tensor::randn([7], (Kind::Double, Device::Cpu)).set_requires_grad(true)).collect()
}

#[test]
fn gates_do_not_compete() {
    let _alone = alone();
    let (tables, alphas) = (tables(), alphas());
    let weights = |alphas: &[Tensor]| method().mix(&view(&tables, alphas), BEGINNING)[0].stacked();
    let before = weights(&alphas);
    let _ = tch::no_grad(|| alphas[0].get(3).fill_(5.0));
    let after = weights(&alphas);
    let changed: Vec<bool> = (0..7).map(|k| before.get(k) != after.get(k)).collect();
    assert_eq!(changed, [false, false, false, true, false, false, false]);
    assert!((after.double_value(&[3]) - 1.0 / (1.0 + (-5_f64).exp())).abs() < 1e-12);
}

/// Minus ten times the mean square of the gates' distance from a half, for each kind of cell.
#[test]
fn the_zero_one_loss_and_its_gradient_are_those_of_the_equation() {
    let _alone = alone();
    let (tables, alphas) = (tables(), alphas());
    let loss = || method().penalty(&view(&tables, &alphas), BEGINNING).unwrap();
    let distance = |alpha: f64| (1.0 / (1.0 + (-alpha).exp()) - 0.5).powi(2);
    let squares: f64 = (0..28 * 7).map(|at| distance(alphas[at / 7].double_value(&[(at % 7) as i64]))).sum();
    let value = loss();
    assert!((value.double_value(&[]) + 10.0 * squares / (14.0 * 7.0)).abs() < 1e-12);
    let gradients = Tensor::run_backward(&[&value], &alphas, false, false);
    for (row, k) in [(0, 0), (3, 6), (13, 2), (14, 0), (27, 5)] {
        let moved = |by: f64| {
            let mut element = tch::no_grad(|| alphas[row].get(k));
            let _ = tch::no_grad(|| element.g_add_scalar_(by));
            let value = loss().double_value(&[]);
            let _ = tch::no_grad(|| element.g_add_scalar_(-by));
            value
        };
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((gradients[row].double_value(&[k]) - difference).abs() < 1e-9, "row {row}, operation {k}");
    }
}

/// All gates at this value.
fn gates(tables: &[Table], value: f64) -> Numbers {
    tables.iter().map(|table| table.rows.iter().map(|row| vec![value; row.ops.len()]).collect()).collect()
}

fn open(gates: &mut Numbers, tables: &[Table], edge: &str, op: &str, value: f64) {
    let row = tables[0].rows.iter().position(|row| row.edge == edge).unwrap();
    let k = tables[0].rows[row].ops.iter().position(|own| own == op).unwrap();
    gates[0][row][k] = value;
}

fn derived(tables: &[Table], gates: &Numbers) -> Genotype {
    let genotype = method().derive(&view(tables, &[]), gates);
    // What is derived can be written, read and built.
    assert_eq!(Genotype::parse(&genotype.to_json()).unwrap(), genotype);
    assert_eq!(Genotype::parse(&genotype.to_string()).unwrap(), genotype);
    Darts.derived("derived", &genotype, &Skeleton { auxiliary: false, ..Skeleton::cifar(10) }).unwrap();
    genotype
}

fn edges(genotype: &Genotype) -> Vec<(usize, usize, &str)> {
    genotype.normal.edges.iter().map(|edge| (edge.node, edge.from, edge.op.as_str())).collect()
}

#[test]
fn what_is_below_the_threshold_is_left_out() {
    let tables = tables();
    let mut gates = gates(&tables, 0.1);
    open(&mut gates, &tables, "2_1", "sep_conv_3x3", 0.85);
    open(&mut gates, &tables, "2_0", "skip_connect", 0.84);
    for (edge, weight) in [("4_0", 0.90), ("4_1", 0.86), ("4_2", 0.95)] {
        open(&mut gates, &tables, edge, "dil_conv_3x3", weight);
    }
    open(&mut gates, &tables, "5_3", "sep_conv_5x5", 0.99);
    let genotype = derived(&tables, &gates);
    let expected = [
        (2, 1, "sep_conv_3x3"),
        (4, 2, "dil_conv_3x3"),
        (4, 0, "dil_conv_3x3"),
        // Node 3 has no inputs, so that nothing comes from it.
        (5, 3, "sep_conv_5x5"),
    ];
    assert_eq!(edges(&genotype), expected);
    assert_eq!(genotype.normal.concat, [2, 4]);
}

#[test]
fn a_cell_of_closed_gates_keeps_one_edge() {
    let tables = tables();
    let mut gates = gates(&tables, 0.5);
    open(&mut gates, &tables, "3_1", "skip_connect", 0.6);
    open(&mut gates, &tables, "3_2", "skip_connect", 0.7);
    assert_eq!(edges(&derived(&tables, &gates)), [(3, 1, "skip_connect")]);
}
