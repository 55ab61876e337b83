//! From a picture's file to bytes.

use std::{
    fs,
    io::{Cursor, ErrorKind},
    path::Path,
};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, error::ImageError};

use super::{Error, Picture};

/// Pixels of the largest picture that is decoded: from there on Pillow, too, takes a file for an attack.
pub(super) const MAX_PIXELS: u64 = 178_956_970;

/// Decodes a JPEG or PNG file, told by its content: grey as one channel, all else as three.
///
/// Photographs are turned as their EXIF tag says, CMYK becomes RGB without a colour profile, transparency is dropped (what is
/// behind it shows), 16 bits become 8: as Pillow's `exif_transpose` and `convert("RGB")`.
pub(super) fn picture(path: &Path) -> Result<Picture, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.into(), source })?;
    let failed = |source| Error::Picture { path: path.into(), source };
    let reader = ImageReader::new(Cursor::new(&bytes[..])).with_guessed_format();
    let reader = reader.map_err(|source| Error::Io { path: path.into(), source })?;
    if reader.format() == Some(ImageFormat::Jpeg) && !ends(&bytes) {
        // The decoder would fill what is missing with grey.
        return Err(failed(ImageError::IoError(ErrorKind::UnexpectedEof.into())));
    }
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::Huge { path: path.into(), width, height, limit: MAX_PIXELS });
    }
    let orientation = decoder.orientation().map_err(failed)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    image.apply_orientation(orientation);
    Ok(pixels(image))
}

fn pixels(image: DynamicImage) -> Picture {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if image.color().has_color() {
        Picture { width, height, channels: 3, data: image.into_rgb8().into_raw() }
    } else {
        Picture { width, height, channels: 1, data: image.into_luma8().into_raw() }
    }
}

/// Whether a JPEG file has its end marker. Segments are walked by their lengths, since one of them may hold a small picture
/// with an end of its own; compressed data has no marker in it but restarts (ITU-T T.81, annex B).
fn ends(bytes: &[u8]) -> bool {
    const END: u8 = 0xd9;
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let Some(at) = rest.windows(2).position(|pair| pair[0] == 0xff && is_marker(pair[1])) else {
            return false;
        };
        if rest[at + 1] == END {
            return true;
        }
        let Some(&[high, low]) = rest.get(at + 2..at + 4) else { return false };
        rest = rest.get(at + 2 + usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
    }
}

/// Begins a segment or ends the file: neither a stuffed byte, nor filling, nor a restart.
fn is_marker(byte: u8) -> bool {
    !matches!(byte, 0x00 | 0x01 | 0xd0..=0xd7 | 0xff)
}
