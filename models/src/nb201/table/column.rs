//! The columns of the table.

use crate::error::Error;

/// One column, the same for all architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(usize);

/// What a column's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Whole numbers.
    Count,
    /// Percent.
    Accuracy,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Latency,
}

const COLUMNS: [(&str, Kind); 31] = [
    ("index", Kind::Count),
    ("n_seeds", Kind::Count),
    ("cifar10_valid", Kind::Accuracy),
    ("cifar10_test", Kind::Accuracy),
    ("cifar100_valid", Kind::Accuracy),
    ("cifar100_test", Kind::Accuracy),
    ("imagenet16_valid", Kind::Accuracy),
    ("imagenet16_test", Kind::Accuracy),
    ("cifar10_valid_12ep", Kind::Accuracy),
    ("cifar10_test_12ep", Kind::Accuracy),
    ("cifar100_valid_12ep", Kind::Accuracy),
    ("cifar100_test_12ep", Kind::Accuracy),
    ("imagenet16_valid_12ep", Kind::Accuracy),
    ("imagenet16_test_12ep", Kind::Accuracy),
    ("params_cifar10", Kind::Count),
    ("params_cifar10_nats", Kind::Count),
    ("flops_cifar10", Kind::Count),
    ("flops_imagenet16", Kind::Count),
    ("train_seconds_cifar10_valid_200ep", Kind::Seconds),
    ("lat_ms_pixel3", Kind::Latency),
    ("lat_ms_raspi4", Kind::Latency),
    ("lat_ms_pixel2", Kind::Latency),
    ("lat_ms_samsung_a50", Kind::Latency),
    ("lat_ms_samsung_s7", Kind::Latency),
    ("lat_ms_essential_ph_1", Kind::Latency),
    ("lat_ms_eyeriss", Kind::Latency),
    ("lat_ms_fpga", Kind::Latency),
    ("lat_ms_gold_6226", Kind::Latency),
    ("lat_ms_silver_4114", Kind::Latency),
    ("lat_ms_1080ti_1", Kind::Latency),
    ("lat_ms_titan_rtx_1", Kind::Latency),
];

impl Column {
    /// How many there are.
    pub const COUNT: usize = COLUMNS.len();
    /// Place in the benchmark's own order, which its interfaces ask for.
    pub const INDEX: Self = Self(0);
    /// How many trainings the accuracies after 200 epochs are means of.
    pub const SEEDS: Self = Self(1);
    /// Trained parameters on CIFAR-10, as the first release has them.
    pub const PARAMETERS: Self = Self(14);
    /// The same as NATS-Bench has them: another cell's for 150 architectures.
    pub const PARAMETERS_NATS: Self = Self(15);
    /// Multiply-adds on CIFAR-10, called FLOPs there.
    pub const MACS: Self = Self(16);
    /// Multiply-adds on `ImageNet16-120`.
    pub const MACS_IMAGENET16: Self = Self(17);
    /// Seconds of one training with 200 epochs on half of CIFAR-10's training images.
    pub const SECONDS: Self = Self(18);

    /// All of them, in the order of the CSV.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// The accuracies: valid and test on CIFAR-10, CIFAR-100, `ImageNet16-120` after 200 epochs, then the same after 12.
    pub fn accuracies() -> impl Iterator<Item = Self> {
        Self::all().filter(|column| column.is_accuracy())
    }

    /// The latencies on twelve devices.
    pub fn latencies() -> impl Iterator<Item = Self> {
        Self::all().filter(|column| column.kind() == Kind::Latency)
    }

    /// The column of this name.
    ///
    /// # Errors
    /// When there is none; suggests the nearest.
    pub fn by_name(name: &str) -> Result<Self, Error> {
        let known = COLUMNS.map(|(name, _)| name);
        let at = known.iter().position(|&column| column == name);
        at.map(Self).ok_or_else(|| Error::unknown("column", name, &known))
    }

    /// Its name in the CSV.
    #[must_use]
    pub const fn name(self) -> &'static str {
        COLUMNS[self.0].0
    }

    /// Whether it is an accuracy, in percent; of all other columns, less is better.
    #[must_use]
    pub fn is_accuracy(self) -> bool {
        self.kind() == Kind::Accuracy
    }

    /// Digits behind the point that are kept: 4 of percents and milliseconds, 2 of seconds, as the CSV has them.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        match self.kind() {
            Kind::Count => 0,
            Kind::Accuracy | Kind::Latency => 4,
            Kind::Seconds => 2,
        }
    }

    /// Place among the columns.
    pub(super) const fn place(self) -> usize {
        self.0
    }

    /// How many kept units one is: 10 to the power of its decimals.
    pub(super) fn scale(self) -> f64 {
        10_f64.powi(self.decimals().into())
    }

    const fn kind(self) -> Kind {
        COLUMNS[self.0].1
    }
}
