//! Where the names of points go, so that they can be read.

/// Height of a line, and width of a character, in pixels of the picture.
const LINE: f64 = 12.0;
const CHARACTER: f64 = 6.8;
/// Half the side of a point.
const POINT: f64 = 5.0;

/// A place for a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Label {
    pub(super) x: f64,
    /// Of the base line.
    pub(super) y: f64,
    pub(super) anchor: &'static str,
    /// Whether it is so far from its point that a line must join them.
    pub(super) is_away: bool,
}

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

/// Places each name beside, above or below its point, where that is free; elsewhere further down to the right.
pub(super) fn place(names: &[&str], points: &[[f64; 2]]) -> Vec<Label> {
    let mut taken: Vec<Area> =
        points.iter().map(|[x, y]| [x - POINT, y - POINT, x + POINT, y + POINT]).collect();
    let mut labels = Vec::with_capacity(names.len());
    for (name, &point) in names.iter().zip(points) {
        let width = name.chars().count() as f64 * CHARACTER;
        let free = |label: &Label| !taken.iter().any(|other| overlap(area(label, width), *other));
        let label = candidates(point).find(free).unwrap_or(beside(point));
        taken.push(area(&label, width));
        labels.push(label);
    }
    labels
}

const fn beside([x, y]: [f64; 2]) -> Label {
    Label { x: x + 8.0, y: y + 4.0, anchor: "start", is_away: false }
}

/// The places to try, best first.
fn candidates(point: [f64; 2]) -> impl Iterator<Item = Label> {
    let [x, y] = point;
    let near = [
        beside(point),
        Label { x: x - 8.0, y: y + 4.0, anchor: "end", is_away: false },
        Label { x, y: y - 8.0, anchor: "middle", is_away: false },
        Label { x, y: y + 17.0, anchor: "middle", is_away: false },
    ];
    let away = (2..40).flat_map(move |step| {
        let far = 8.0 * f64::from(step);
        [far, -far].map(|down| Label { x: x + 16.0, y: y + down, anchor: "start", is_away: true })
    });
    near.into_iter().chain(away)
}

fn area(label: &Label, width: f64) -> Area {
    let left = match label.anchor {
        "start" => label.x,
        "end" => label.x - width,
        _ => label.x - width / 2.0,
    };
    [left, label.y - LINE, left + width, label.y + 2.0]
}

fn overlap(a: Area, b: Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_crowded_points_do_not_overlap() {
        let points: Vec<[f64; 2]> = (0..12).map(|i| [300.0 + 7.0 * f64::from(i), 200.0]).collect();
        let names = vec!["noisydarts-mobile-a"; points.len()];
        let labels = place(&names, &points);
        let areas: Vec<Area> = labels.iter().map(|label| area(label, 19.0 * CHARACTER)).collect();
        for (i, a) in areas.iter().enumerate() {
            assert!(areas[..i].iter().all(|b| !overlap(*a, *b)), "{labels:?}");
        }
        assert_eq!(place(&["alone"], &[[10.0, 20.0]]), [beside([10.0, 20.0])]);
    }
}
