//! What a landscape is of, in a file beside it: an interrupted one goes on in the same plane, with the same settings.

use std::path::Path;

use tch::Tensor;

use super::Plane;
use crate::error::Error;
use crate::tensor_file::{self, Metadata};

/// The plane of a landscape, and the settings that it and its points were computed with.
#[derive(Debug)]
pub struct Plan {
    /// By name.
    pub settings: Metadata,
    /// The plane.
    pub plane: Plane,
}

impl Plan {
    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let Plane { centre, directions: [first, second] } = &self.plane;
        let named = |name: &str, tensor: &Tensor| (name.to_string(), tensor.shallow_clone());
        let tensors = [named("alphas", centre), named("first", first), named("second", second)];
        tensor_file::write(path, &tensors, &self.settings)
    }

    /// Reads what [`Self::write`] has written.
    ///
    /// # Errors
    /// When the file is broken, or another one.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut contents = tensor_file::read("landscape", path)?;
        let mut take = |name: &str| {
            contents.tensors.remove(name).ok_or_else(|| broken(path, &format!("there is no tensor {name}")))
        };
        let plane = Plane { centre: take("alphas")?, directions: [take("first")?, take("second")?] };
        Ok(Self { settings: contents.metadata, plane })
    }

    /// Refuses to go on with it under other settings, or with other alphas; `path` is its file.
    ///
    /// # Errors
    /// Names the first setting that differs.
    pub fn check(&self, settings: &Metadata, alphas: &Tensor, path: &Path) -> Result<(), Error> {
        let way_out = "choose another --out, or delete this landscape";
        for (name, wanted) in settings {
            let found = self.settings.get(name).map_or("nothing", String::as_str);
            if found != wanted {
                return Err(broken(
                    path,
                    &format!("it is a landscape with {name} = {found}, not {wanted}; {way_out}"),
                ));
            }
        }
        if &self.plane.centre != alphas {
            return Err(broken(path, &format!("it is a landscape around other alphas; {way_out}")));
        }
        Ok(())
    }
}

fn broken(path: &Path, problem: &str) -> Error {
    Error::Broken { what: "landscape", path: path.into(), problem: problem.into() }
}
