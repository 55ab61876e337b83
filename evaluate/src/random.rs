//! Inputs to run on when pictures do not matter.

/// `SplitMix64` (Steele, Lea and Flood, 2014): the same numbers on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform below `bound`, which is small beside `2^64`: the bias is of no account.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// `count` of the numbers below `total`, every choice as likely as any other, in rising order: the first steps of Fisher and
    /// Yates's shuffle.
    pub(crate) fn sample(&mut self, total: usize, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..total).collect();
        let count = count.min(total);
        for at in 0..count {
            let other = at + self.below(total - at);
            all.swap(at, other);
        }
        all.truncate(count);
        all.sort_unstable();
        all
    }

    /// Uniform in `[-2, 2)`: about the range of normalised pixels, and never denormal.
    pub(crate) fn values(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| ((self.next() >> 40) as f32 / (1_u64 << 22) as f32) - 2.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// First outputs of the reference implementation for seed 1234567.
    #[test]
    fn equals_the_reference() {
        let mut random = Random::new(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let values = random.values(1000);
        assert!(values.iter().all(|v| (-2.0..2.0).contains(v)));
    }

    /// 6000 times two of four: each pair about 1000 times (standard deviation 29).
    #[test]
    fn samples_are_fair_and_repeatable() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            *counts.entry(Random::new(seed).sample(4, 2)).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(
            counts.iter().all(|(pair, count)| pair[0] < pair[1] && (900..1100).contains(count)),
            "{counts:?}"
        );
        assert_eq!(Random::new(3).sample(5, 9), [0, 1, 2, 3, 4]);
    }
}
