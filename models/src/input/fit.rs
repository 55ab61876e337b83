//! From a picture of any size to byte planes of the input's size.

use super::resample::{Grid, Window, resample};
use super::{CHANNELS, Error, Fit, InputSpec};
use crate::data::Picture;

impl InputSpec {
    /// One picture as byte planes `[3, H, W]` of this spec's size, not yet normalised. Grey fills three channels.
    ///
    /// # Errors
    /// When the spec is not valid, the picture's bytes are not what its shape says, or it is too large to pad.
    pub fn fit(&self, picture: &Picture) -> Result<Vec<u8>, Error> {
        self.validate()?;
        let mut out = Vec::with_capacity(CHANNELS * self.size[0] * self.size[1]);
        for plane in planes(picture)? {
            out.extend(self.fit_plane(plane)?.data);
        }
        if picture.channels == 1 {
            out = out.repeat(CHANNELS);
        }
        Ok(out)
    }

    fn fit_plane(&self, plane: Grid) -> Result<Grid, Error> {
        match self.fit {
            Fit::Pad => pad(plane, self.size),
            Fit::Resize => Ok(resample(plane, self.size, Window::whole(self.size), self.interpolation)),
            Fit::ResizeCrop => Ok(self.resize_crop(plane)),
        }
    }

    fn resize_crop(&self, plane: Grid) -> Grid {
        let window = self.window();
        let scaled = scaled(plane.size, self.resize, window);
        let cut = resample(plane, scaled, Window::centre(scaled, window), self.interpolation);
        resample(cut, self.size, Window::whole(self.size), self.interpolation)
    }
}

/// The picture's channels apart.
fn planes(picture: &Picture) -> Result<Vec<Grid>, Error> {
    let &Picture { width, height, channels, ref data } = picture;
    let expected = height.checked_mul(width).and_then(|pixels| pixels.checked_mul(channels));
    if expected != Some(data.len()) || data.is_empty() || ![1, CHANNELS].contains(&channels) {
        return Err(Error::Picture { height, width, channels, bytes: data.len() });
    }
    let channel = |c| data.iter().skip(c).step_by(channels).copied().collect();
    Ok((0..channels).map(|c| Grid { size: [height, width], data: channel(c) }).collect())
}

fn pad(plane: Grid, size: [usize; 2]) -> Result<Grid, Error> {
    let ([found_height, found_width], [height, width]) = (plane.size, size);
    if plane.size == size {
        return Ok(plane);
    }
    if found_height > height || found_width > width {
        return Err(Error::Larger { found_height, found_width, size });
    }
    let (top, left) = ((height - found_height) / 2, (width - found_width) / 2);
    let mut data = vec![0; height * width];
    for (y, row) in plane.data.chunks_exact(found_width).enumerate() {
        let start = (top + y) * width + left;
        data[start..start + found_width].copy_from_slice(row);
    }
    Ok(Grid { size, data })
}

/// Size after the first step of [`Fit::ResizeCrop`]: the longer side is rounded down, as in torchvision's `Resize`.
fn scaled([height, width]: [usize; 2], resize: Option<usize>, window: [usize; 2]) -> [usize; 2] {
    match resize {
        Some(side) if height <= width => [side, side * width / height],
        Some(side) => [side * height / width, side],
        None if window[0] * width >= window[1] * height => [window[0], window[0] * width / height],
        None => [window[1] * height / width, window[1]],
    }
}
