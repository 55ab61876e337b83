//! Wall time and CPU time.

use std::time::{Duration, Instant};

/// Whose CPU time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// This thread's: exact for runs on one thread.
    Thread,
    /// The whole process's, for runs on several.
    Process,
}

/// What a piece of work took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// Wall time in milliseconds.
    pub wall: f64,
    /// CPU time in milliseconds; none where the system does not tell.
    pub cpu: Option<f64>,
}

impl Cpu {
    /// Does the work and times it.
    #[must_use]
    pub fn time<T>(self, work: impl FnOnce() -> T) -> (T, Took) {
        let (cpu, wall) = (self.now(), Instant::now());
        let result = work();
        let wall = wall.elapsed();
        let cpu = self.now().zip(cpu).map(|(after, before)| milliseconds(after.saturating_sub(before)));
        (result, Took { wall: milliseconds(wall), cpu })
    }

    #[cfg(unix)]
    fn now(self) -> Option<Duration> {
        use rustix::time::{ClockId, clock_gettime};
        let time = clock_gettime(match self {
            Self::Thread => ClockId::ThreadCPUTime,
            Self::Process => ClockId::ProcessCPUTime,
        });
        Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the same call as on unix")]
    fn now(self) -> Option<Duration> {
        None
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn sleep_takes_wall_time_only() {
        let ((), took) = Cpu::Thread.time(|| std::thread::sleep(Duration::from_millis(30)));
        assert!(took.wall >= 30.0 && took.cpu.is_some_and(|cpu| cpu < 15.0), "{took:?}");
    }
}
