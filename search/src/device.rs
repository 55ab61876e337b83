//! Which device to run on.

use tch::{Cuda, Device};

use crate::error::Error;

/// The device of this name: `auto`, `cpu`, `cuda` or `cuda:N`. `auto` takes the first GPU where there is one.
///
/// # Errors
/// When the name is none, or a GPU is asked for that is not there.
pub fn by_name(name: &str) -> Result<Device, Error> {
    let wrong = |problem: String| Error::Device { device: name.into(), problem };
    match name {
        "cpu" => Ok(Device::Cpu),
        "auto" => Ok(Device::cuda_if_available()),
        _ => {
            let index = match name.strip_prefix("cuda") {
                Some("") => Some(0),
                Some(rest) => rest.strip_prefix(':').and_then(|index| index.parse().ok()),
                None => None,
            };
            let index: usize = index.ok_or_else(|| wrong("expected auto, cpu, cuda or cuda:N".into()))?;
            if !Cuda::is_available() {
                let problem = "no GPU: libtorch finds no CUDA device here (`cargo xtask setup --device cuda` fetches \
                    libtorch for GPUs; --device cpu runs anywhere)";
                return Err(wrong(problem.into()));
            }
            let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
            if index >= count {
                return Err(wrong(format!("there are {count} GPUs, counted from 0")));
            }
            Ok(Device::Cuda(index))
        }
    }
}

/// Tells libtorch how many threads to use (0: one per core) and returns the number.
pub fn use_threads(threads: usize) -> usize {
    let threads =
        if threads > 0 { threads } else { std::thread::available_parallelism().map_or(1, usize::from) };
    tch::set_num_threads(threads as i32);
    threads
}
