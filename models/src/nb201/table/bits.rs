//! Numbers of up to 32 bits, one behind the other.

/// Bytes that are read or written for one number, wherever it begins.
pub(super) const SPAN: usize = 8;

/// The number of `width` bits that begins at bit `at`.
pub(super) fn read(bytes: &[u8], at: usize, width: u32) -> u32 {
    let shifted = window(bytes, at / 8) >> (at % 8);
    (shifted & mask(width)) as u32
}

/// Puts a number of `width` bits where there are zeros.
pub(super) fn write(bytes: &mut [u8], at: usize, width: u32, number: u32) {
    let place = at / 8;
    let joined = window(bytes, place) | (u64::from(number) & mask(width)) << (at % 8);
    bytes[place..place + SPAN].copy_from_slice(&joined.to_le_bytes());
}

/// Bits that hold every number up to this one.
pub(super) const fn width_of(most: u32) -> u32 {
    u32::BITS - most.leading_zeros()
}

fn window(bytes: &[u8], place: usize) -> u64 {
    let mut window = [0; SPAN];
    window.copy_from_slice(&bytes[place..place + SPAN]);
    u64::from_le_bytes(window)
}

const fn mask(width: u32) -> u64 {
    (1 << width) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_are_read_as_written() {
        for width in 0..=32 {
            let numbers: Vec<u32> =
                (0..40_u32).map(|i| (u64::from(i.wrapping_mul(0x9E37_79B9)) & mask(width)) as u32).collect();
            let mut bytes = vec![0; 40 * 4 + SPAN];
            for (i, &number) in numbers.iter().enumerate() {
                write(&mut bytes, i * width as usize, width, number);
            }
            for (i, &number) in numbers.iter().enumerate() {
                assert_eq!(read(&bytes, i * width as usize, width), number, "{i}, {width} bits");
            }
        }
    }

    #[test]
    fn widths() {
        assert_eq!([0, 1, 2, 255, 256, u32::MAX].map(width_of), [0, 1, 2, 8, 9, 32]);
    }
}
