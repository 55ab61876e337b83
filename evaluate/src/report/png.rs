//! Small pictures within text files.

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};

/// A picture of byte planes `[3, height, width]` as the address of a PNG that holds all of it; none where it cannot be encoded.
pub(crate) fn data_uri(planes: &[u8], [height, width]: [usize; 2]) -> Option<String> {
    let area = height * width;
    let pixels: Vec<u8> =
        (0..area).flat_map(|at| [0, 1, 2].map(|channel| planes[channel * area + at])).collect();
    let mut png = Vec::new();
    let sides = (width as u32, height as u32);
    PngEncoder::new(&mut png).write_image(&pixels, sides.0, sides.1, ExtendedColorType::Rgb8).ok()?;
    Some(format!("data:image/png;base64,{}", base64(&png)))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (digit, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let is_filled = digit <= group.len();
            text.push(if is_filled { DIGITS[(bits >> shift & 63) as usize].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn base64_has_the_standards_examples() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn a_picture_begins_as_a_png_does() {
        let uri = data_uri(&[7; 12], [2, 2]).expect("a picture");
        assert!(uri.starts_with("data:image/png;base64,iVBORw0KGgo"), "{uri}");
    }
}
