//! Pictures as bytes: one of its own size, or many of one size.

/// One decoded picture, 8 bits per channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// `[height, width, channels]` bytes.
    pub data: Vec<u8>,
}

/// Many pictures at the size of a network's input, with their labels: what training iterates over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Height and width.
    pub size: [usize; 2],
    /// `[N, 3, height, width]` bytes, not yet normalised.
    pub data: Vec<u8>,
    /// N labels, each below the number of classes.
    pub labels: Vec<u16>,
}

impl Pixels {
    /// How many pictures, N.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Bytes of one picture: `3 * height * width`.
    #[must_use]
    pub fn bytes(&self) -> usize {
        crate::input::CHANNELS * self.size[0] * self.size[1]
    }

    /// Picture `i` as `[3, height, width]` bytes.
    ///
    /// # Panics
    /// When `i` is not below [`Self::len`].
    #[must_use]
    pub fn image(&self, i: usize) -> &[u8] {
        &self.data[i * self.bytes()..(i + 1) * self.bytes()]
    }
}
