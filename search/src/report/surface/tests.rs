use super::rings::rings;
use super::*;

/// A tent, as Figure 2 shows for NoisyDARTS.
fn tent(side: usize) -> Grid {
    let places: Vec<f64> = (0..side).map(|at| 2.0 * at as f64 / (side - 1) as f64 - 1.0).collect();
    let value = |x: f64, y: f64| 88.0 - 6.0 * (x * x + 1.7 * y * y + 0.4 * x * y).sqrt();
    let values = places.iter().map(|&y| places.iter().map(|&x| value(x, y)).collect()).collect();
    let axes = ["gradient direction".into(), "orthogonal direction".into()];
    let (title, value) = ("Validation accuracy over alpha".into(), "accuracy in %".into());
    Grid { title, axes, value, x: places.clone(), y: places, values }
}

/// Area inside of rings, in squares of the grid.
fn area(rings: &[Vec<[f64; 2]>]) -> f64 {
    let ring_area = |ring: &Vec<[f64; 2]>| {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
    };
    rings.iter().map(ring_area).sum::<f64>().abs()
}

#[test]
fn rings_bound_what_is_above() {
    let cone: Vec<Vec<f64>> = (-20..=20_i32)
        .map(|y| (-20..=20_i32).map(|x| 20.0 - f64::from(x * x + y * y).sqrt()).collect())
        .collect();
    let disc = rings(&cone, 10.0);
    assert_eq!(disc.len(), 1);
    assert!((area(&disc) - std::f64::consts::PI * 100.0).abs() < 2.0, "{}", area(&disc));
    // A crater in it: a second ring, which takes away what the first one bounds.
    let crater: Vec<Vec<f64>> =
        cone.iter().map(|row| row.iter().map(|v| if *v > 15.0 { 30.0 - v } else { *v }).collect()).collect();
    let ring = rings(&crater, 12.0);
    let expected = std::f64::consts::PI * (64.0 - 4.0);
    assert!(ring.len() == 2 && (area(&ring) - expected).abs() < 3.0, "{}", area(&ring));
    let all = rings(&cone, -100.0);
    assert_eq!((all.len(), area(&all)), (1, 1600.0), "the whole grid, along its border");
    assert!(rings(&cone, 100.0).is_empty());
}

#[test]
fn saddles_close_either_way() {
    for (middle, expected) in [(0.4, 2), (0.9, 1)] {
        let values = vec![vec![1.0, middle - 0.5], vec![middle - 0.5, 1.0]];
        assert_eq!(rings(&values, 0.6).len(), expected, "{middle}");
    }
}

#[test]
fn pictures_are_finite_and_complete() {
    let mut grid = tent(21);
    for draw in [contour, surface] {
        let whole = draw(&grid);
        assert!(whole.contains("accuracy in %") && whole.contains("orthogonal direction"));
        assert_eq!(whole, draw(&grid));
    }
    assert_eq!(surface(&grid).matches("Z\"").count(), 400, "one face per square");
    grid.values[10][10] = f64::NAN;
    grid.values[0][0] = f64::INFINITY;
    assert_eq!(surface(&grid).matches("Z\"").count(), 395, "four squares share the one, one the other");
    for svg in [contour(&grid), surface(&grid)] {
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}

#[test]
fn flat_and_empty_grids_are_drawn() {
    let mut grid = tent(5);
    grid.values.iter_mut().flatten().for_each(|value| *value = 3.0);
    let few = Grid { x: vec![0.0], y: vec![], values: vec![], ..grid.clone() };
    for grid in [grid, few] {
        for svg in [contour(&grid), surface(&grid)] {
            assert!(svg.ends_with("</svg>") && !svg.contains("NaN"), "{svg}");
        }
    }
}

#[test]
fn texts_of_levels_tell_them_apart() {
    let texts = |range| levels(range, 5).into_iter().map(|level| level.1).collect::<Vec<_>>();
    assert_eq!(texts((-1.0, 1.0)), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
    assert_eq!(texts((1.2301, 1.2305)), ["1.2301", "1.2302", "1.2303", "1.2304", "1.2305"]);
    assert_eq!(texts((0.0, 50.0)), ["0", "10", "20", "30", "40", "50"]);
}
