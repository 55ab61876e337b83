//! Cells that compute one and the same function, written with other nodes.

use super::{Architecture, EDGES, SKIP};

impl Architecture {
    /// What the output computes, with every node written out as the sorted sum of its edges and skip connections left out.
    ///
    /// Cells of equal text are isomorphic in the benchmark's sense: `Structure.to_unique_str(consider_zero=False)` of
    /// `D-X-Y/AutoDL-Projects` tells 12,751 kinds apart. They may differ in size nonetheless: where one cell reads a
    /// convolution twice, another has two convolutions.
    #[must_use]
    pub fn unrolled(self) -> String {
        let mut sums: [Vec<String>; 4] = [vec!["0".into()], vec![], vec![], vec![]];
        for ((node, from), op) in EDGES.into_iter().zip(self.ops) {
            let read = sum(&mut sums[from]);
            sums[node].push(if op == SKIP { read } else { format!("({read})@{op}") });
        }
        sum(&mut sums[3])
    }
}

fn sum(terms: &mut [String]) -> String {
    terms.sort();
    terms.join("+")
}
