//! On which cores the measuring runs.

use std::{fmt, io, str::FromStr};

use crate::error::Error;

/// Where to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    /// On the fastest cores that are idle.
    Auto,
    /// On these.
    Cores(Vec<usize>),
}

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let cores: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
        cores.map(Self::Cores).map_err(|_| "expected numbers of cores, as 0 or 2,3, or `auto`".into())
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cores(cores) => f.write_str(&list(cores)),
        }
    }
}

impl Pin {
    /// Keeps this thread, and those that it starts from now on, on the cores. Returns them; none where `auto` finds that the
    /// system does not allow it.
    pub(crate) fn apply(&self, threads: usize) -> crate::error::Result<Option<Vec<usize>>> {
        let cores = match self {
            Self::Auto => system::fastest(threads),
            Self::Cores(cores) => cores.clone(),
        };
        match (self, system::pin(&cores)) {
            (_, Ok(())) => Ok(Some(cores)),
            (Self::Auto, Err(_)) => Ok(None),
            (Self::Cores(_), Err(cause)) => Err(refused(&cores, &cause)),
        }
    }
}

/// The core that this thread runs on.
pub(crate) fn current() -> Option<usize> {
    system::current()
}

/// Numbers with commas between them.
fn list(cores: &[usize]) -> String {
    cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Where something ran, in words.
pub(crate) fn said(pinned: Option<&[usize]>) -> String {
    pinned.map_or_else(|| "not pinned".into(), |cores| format!("pinned to core {}", list(cores)))
}

fn refused(cores: &[usize], cause: &io::Error) -> Error {
    let allowed = match system::allowed().as_slice() {
        [] => String::new(),
        allowed => format!("; this program may use {}", list(allowed)),
    };
    Error::Flag { flag: "--pin", problem: format!("core {} cannot be used ({cause}){allowed}", list(cores)) }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::{io, thread, time::Duration};

    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

    use models::proc::{number, text};

    #[expect(clippy::unnecessary_wraps, reason = "other systems do not tell")]
    pub(super) fn current() -> Option<usize> {
        Some(sched_getcpu())
    }

    pub(super) fn allowed() -> Vec<usize> {
        let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
        (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect()
    }

    pub(super) fn pin(cores: &[usize]) -> io::Result<()> {
        let mut set = CpuSet::new();
        for &core in cores {
            if core >= CpuSet::MAX_CPU {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            set.set(core);
        }
        // The kernel leaves out cores that are not there, and says so only if none is left.
        if cores.iter().any(|core| !allowed().contains(core)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(sched_setaffinity(None, &set)?)
    }

    /// The cores with the highest clock, of these the most idle ones during a tenth of a second.
    pub(super) fn fastest(count: usize) -> Vec<usize> {
        let clock = |core: usize| {
            let file = format!("/sys/devices/system/cpu/cpu{core}/cpufreq/cpuinfo_max_freq");
            text(&file).as_deref().and_then(number).unwrap_or(0.0) as u64
        };
        let mut cores = allowed();
        let idle = |core: &usize| text("/proc/stat").and_then(|stat| idle(&stat, *core)).unwrap_or(0);
        let before: Vec<u64> = cores.iter().map(idle).collect();
        thread::sleep(Duration::from_millis(100));
        let rested: Vec<(usize, u64)> =
            cores.iter().zip(before).map(|(core, before)| (*core, idle(core).saturating_sub(before))).collect();
        let rest = |core: usize| rested.iter().find(|(found, _)| *found == core).map_or(0, |(_, rest)| *rest);
        cores.sort_by_key(|&core| std::cmp::Reverse((clock(core), rest(core))));
        cores.truncate(count.max(1));
        cores
    }

    /// Idle time of a core in `/proc/stat`: the fourth number in its line.
    pub(super) fn idle(stat: &str, core: usize) -> Option<u64> {
        let line = stat.lines().find(|line| line.split(' ').next() == Some(&format!("cpu{core}")))?;
        line.split_whitespace().nth(4)?.parse().ok()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::io;

    pub(super) fn current() -> Option<usize> {
        None
    }

    pub(super) fn allowed() -> Vec<usize> {
        Vec::new()
    }

    pub(super) fn fastest(_: usize) -> Vec<usize> {
        Vec::new()
    }

    pub(super) fn pin(_: &[usize]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_on_the_command_line() {
        assert_eq!("2,3".parse(), Ok(Pin::Cores(vec![2, 3])));
        assert_eq!("auto".parse::<Pin>().map(|pin| pin.to_string()), Ok("auto".into()));
        assert!("big".parse::<Pin>().is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_pinned_thread_stays() {
        std::thread::spawn(|| {
            let core = current().expect("a core");
            assert_eq!(Pin::Cores(vec![core]).apply(1).unwrap(), Some(vec![core]));
            assert_eq!((current(), Pin::Auto.apply(1).unwrap()), (Some(core), Some(vec![core])));
            let error = Pin::Cores(vec![1000]).apply(1).unwrap_err().chain();
            assert!(error.starts_with("accept --pin: core 1000 cannot be used"), "{error}");
            assert!(error.ends_with(&format!("may use {core}")), "{error}");
        })
        .join()
        .unwrap();
        assert_eq!(system::idle("cpu  1 2 3 4 5\ncpu0 1 2 3 40 5\ncpu1 1 2 3 7 5\n", 1), Some(7));
    }
}
