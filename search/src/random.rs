//! Random draws as functions of (seed, purpose, step), so that a resumed run draws what the uninterrupted
//! one would have drawn, and no generator state needs saving.

/// What a draw is for. Draws of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial weights.
    Weights,
    /// Initial architecture parameters.
    Alphas,
    /// Order of the training stream; step = epoch.
    TrainOrder,
    /// Order of the validation stream; step = pass.
    ValidOrder,
    /// Augmentation of the training stream; step = epoch.
    TrainAugment,
    /// Augmentation of the validation stream; step = pass.
    ValidAugment,
    /// Noise, drop-path and dropout of an architecture step.
    AlphaStep,
    /// Noise, drop-path and dropout of a weight step.
    WeightStep,
    /// A genotype drawn at random.
    Genotype,
    /// Noise, samples and the start of an eigenvalue's computation; step = epoch.
    Curvature,
    /// Noise and drop-path of the training passes of a second-order step, the same in each.
    SecondOrder,
    /// Directions of a landscape.
    Landscape,
}

/// The root of all randomness of a run.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub u64);

impl Seed {
    /// A generator for this purpose at this step.
    #[must_use]
    pub fn stream(self, purpose: Purpose, step: u64) -> Stream {
        let key = scramble(self.0 ^ scramble(purpose as u64 + 1));
        Stream(scramble(key ^ scramble(step.wrapping_add(0x51))))
    }

    /// Seeds libtorch's generator for what follows.
    pub fn seed_torch(self, purpose: Purpose, step: u64) {
        tch::manual_seed(self.stream(purpose, step).next_u64() as i64);
    }
}

/// A `SplitMix64` generator (Steele et al. 2014): 64 bits of state, passes `BigCrush`.
#[derive(Clone, Debug)]
pub struct Stream(u64);

/// The finaliser of `SplitMix64`, a bijection of 64-bit words.
const fn scramble(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Stream {
    /// An independent generator for item `index` of this stream.
    #[must_use]
    pub fn item(&self, index: u64) -> Self {
        Self(scramble(self.0 ^ scramble(index.wrapping_add(0x1d))))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }

    /// A number in (0, 1), both excluded, of 53 random bits.
    pub fn unit(&mut self) -> f64 {
        ((self.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A whole number in `0..end`, `end` at least 1 (Lemire's multiplication; the bias is below 2^-32 for
    /// the sizes drawn here).
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next_u64()) * end as u128) >> 64) as usize
    }

    /// True or false, evenly.
    pub fn coin(&mut self) -> bool {
        self.next_u64() >> 63 == 1
    }

    /// The numbers `0..count` in random order (Fisher–Yates).
    #[must_use]
    pub fn permutation(mut self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count as u32).collect();
        for at in (1..count).rev() {
            order.swap(at, self.below(at + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_purpose_step_and_item_alone() {
        let draw = |seed, purpose, step, item| Seed(seed).stream(purpose, step).item(item).next_u64();
        let base = draw(1, Purpose::TrainOrder, 2, 3);
        assert_eq!(base, draw(1, Purpose::TrainOrder, 2, 3));
        for other in [
            draw(2, Purpose::TrainOrder, 2, 3),
            draw(1, Purpose::ValidOrder, 2, 3),
            draw(1, Purpose::TrainOrder, 3, 3),
            draw(1, Purpose::TrainOrder, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn permutations_hold_every_number_and_are_uniform() {
        let mut counts = [[0_u32; 5]; 5];
        for step in 0..10_000 {
            let order = Seed(7).stream(Purpose::TrainOrder, step).permutation(5);
            for (at, &number) in order.iter().enumerate() {
                counts[at][number as usize] += 1;
            }
        }
        // Binomial(10000, 1/5): mean 2000, standard deviation 40.
        assert!(counts.iter().flatten().all(|&count| (1800..2200).contains(&count)), "{counts:?}");
    }
}
