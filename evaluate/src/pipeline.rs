//! Work in two stages on two groups of threads: parts are made ahead, then used. Order is kept, memory bounded.

use std::{
    collections::BTreeMap,
    panic,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use crate::error::Result;

/// The two stages, for parts by number.
pub(crate) trait Stages: Sync {
    /// What a thread of the second stage needs to work with.
    type Tool;

    /// Room for one part.
    fn room(&self) -> Vec<f32>;

    /// The first stage: fills the room with a part. It holds what an earlier part left there.
    fn make(&self, part: usize, room: &mut [f32]) -> Result<()>;

    /// Called once on each thread of the second stage.
    fn tool(&self) -> Result<Self::Tool>;

    /// The second stage: what becomes of a part.
    fn apply(&self, tool: &mut Self::Tool, part: usize, made: &[f32]) -> Result<Vec<f32>>;
}

/// Threads of the two stages; more than there are parts are not started, and each stage has one at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threads {
    pub(crate) make: usize,
    pub(crate) apply: usize,
}

/// Takes parts `0..parts` through both stages and returns what became of each, in their order.
///
/// There are as many rooms as threads: who makes parts waits where those who use them cannot follow.
///
/// # Errors
/// That of a tool, otherwise that of the first part, by number, that failed in either stage; later ones are given up.
pub(crate) fn run<S: Stages>(stages: &S, parts: usize, threads: Threads) -> Result<Vec<Vec<f32>>> {
    let [makers, users] = [threads.make, threads.apply].map(|threads| threads.clamp(1, parts.max(1)));
    let (filled, full) = mpsc::channel();
    let (emptied, empty) = mpsc::channel();
    for _ in 0..makers + users {
        // The receiver is here, so that this cannot fail.
        let _ = emptied.send(stages.room());
    }
    let belt = Belt {
        stages,
        parts,
        next: AtomicUsize::new(0),
        empty: Mutex::new(empty),
        full: Mutex::new(full),
        done: Mutex::new(BTreeMap::new()),
    };
    thread::scope(|scope| {
        // Each thread owns its end of a channel: where one stage has ended, however, the other one sees it and ends.
        for filled in vec![filled; makers] {
            scope.spawn(|| belt.make_all(filled));
        }
        let users = vec![emptied; users].into_iter().map(|emptied| scope.spawn(|| belt.apply_all(emptied)));
        let users: Vec<_> = users.collect();
        users.into_iter().try_for_each(|user| user.join().unwrap_or_else(|cause| panic::resume_unwind(cause)))
    })?;
    belt.done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// What the threads share.
struct Belt<'a, S> {
    stages: &'a S,
    parts: usize,
    next: AtomicUsize,
    empty: Mutex<Receiver<Vec<f32>>>,
    full: Mutex<Receiver<(usize, Vec<f32>)>>,
    done: Mutex<BTreeMap<usize, Result<Vec<f32>>>>,
}

impl<S: Stages> Belt<'_, S> {
    /// Room first, then a part: one that was taken is always finished, so that the first of several errors is found.
    fn make_all(&self, filled: Sender<(usize, Vec<f32>)>) {
        while let Ok(mut room) = received(&self.empty) {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= self.parts {
                return;
            }
            if let Err(error) = self.stages.make(part, &mut room) {
                return self.finish(part, Err(error));
            }
            if filled.send((part, room)).is_err() {
                return;
            }
        }
    }

    fn apply_all(&self, emptied: Sender<Vec<f32>>) -> Result<()> {
        let mut tool = self.stages.tool().inspect_err(|_| self.stop())?;
        while let Ok((part, room)) = received(&self.full) {
            self.finish(part, self.stages.apply(&mut tool, part, &room));
            // Once all parts are made, nobody may be left to take it.
            let _ = emptied.send(room);
        }
        Ok(())
    }

    fn finish(&self, part: usize, outcome: Result<Vec<f32>>) {
        if outcome.is_err() {
            self.stop();
        }
        locked(&self.done).insert(part, outcome);
    }

    /// Lets no further part be taken.
    fn stop(&self) {
        self.next.store(self.parts, Ordering::Relaxed);
    }
}

fn received<T>(from: &Mutex<Receiver<T>>) -> Result<T, mpsc::RecvError> {
    locked(from).recv()
}

/// A thread that panicked left nothing half done here, and its panic is passed on at the end.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::Error;

    /// Part `i` is the number `i`, and becomes its double. Threads are slowed so that parts overtake each other.
    #[derive(Default)]
    struct Doubles {
        /// Parts that fail in the first stage.
        unmade: Vec<usize>,
        /// Parts that fail in the second stage.
        unused: Vec<usize>,
        no_tool: bool,
        panics: bool,
        rooms: AtomicUsize,
        /// Parts made but not yet used, and the most there were.
        waiting: AtomicUsize,
        most: AtomicUsize,
    }

    fn failure(stage: &str, part: usize) -> Error {
        Error::Feed { model: stage.into(), problem: part.to_string() }
    }

    /// Later parts of each four take less long.
    fn overtaken(part: usize) {
        thread::sleep(Duration::from_micros(300 * (3 - part as u64 % 4)));
    }

    impl Stages for Doubles {
        type Tool = ();

        fn room(&self) -> Vec<f32> {
            self.rooms.fetch_add(1, Ordering::Relaxed);
            vec![0.0]
        }

        fn make(&self, part: usize, room: &mut [f32]) -> Result<()> {
            overtaken(part);
            assert!(!(self.panics && part == 5), "as asked");
            if self.unmade.contains(&part) {
                return Err(failure("make", part));
            }
            let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(waiting, Ordering::Relaxed);
            room[0] = part as f32;
            Ok(())
        }

        fn tool(&self) -> Result<()> {
            if self.no_tool { Err(failure("tool", 0)) } else { Ok(()) }
        }

        fn apply(&self, (): &mut (), part: usize, made: &[f32]) -> Result<Vec<f32>> {
            overtaken(part);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            assert_eq!(made, [part as f32]);
            if self.unused.contains(&part) { Err(failure("apply", part)) } else { Ok(vec![2.0 * made[0]]) }
        }
    }

    const THREADS: [Threads; 4] = [
        Threads { make: 1, apply: 1 },
        Threads { make: 3, apply: 1 },
        Threads { make: 1, apply: 3 },
        Threads { make: 4, apply: 4 },
    ];

    #[test]
    fn order_is_kept() {
        for threads in THREADS {
            for parts in [0, 1, 50] {
                let expected: Vec<Vec<f32>> = (0..parts).map(|part| vec![2.0 * part as f32]).collect();
                assert_eq!(run(&Doubles::default(), parts, threads).unwrap(), expected, "{threads:?}");
            }
        }
    }

    /// However slow the second stage is.
    #[test]
    fn no_more_is_made_ahead_than_there_is_room_for() {
        for threads in THREADS {
            let stages = Doubles::default();
            run(&stages, 50, threads).unwrap();
            let rooms = threads.make + threads.apply;
            assert_eq!(stages.rooms.into_inner(), rooms);
            assert!((1..=rooms).contains(&stages.most.into_inner()), "{threads:?}");
        }
    }

    /// Part 20 fails later than those after it do, as it is slowed most.
    #[test]
    fn the_first_part_that_failed_is_named() {
        let cases = [
            (vec![20, 21, 23], vec![], "feed make: 20"),
            (vec![], vec![20, 22, 23], "feed apply: 20"),
            (vec![21, 22], vec![20], "feed apply: 20"),
            (vec![20], vec![21, 22], "feed make: 20"),
        ];
        for threads in THREADS {
            for (unmade, unused, expected) in cases.clone() {
                let stages = Doubles { unmade, unused, ..Doubles::default() };
                assert_eq!(run(&stages, 50, threads).unwrap_err().to_string(), expected, "{threads:?}");
            }
        }
    }

    #[test]
    fn it_ends_where_a_tool_is_missing_or_a_thread_panics() {
        for threads in THREADS {
            let stages = Doubles { no_tool: true, ..Doubles::default() };
            assert_eq!(run(&stages, 50, threads).unwrap_err().to_string(), "feed tool: 0");
            let stages = Doubles { panics: true, ..Doubles::default() };
            assert!(panic::catch_unwind(|| run(&stages, 50, threads)).is_err(), "{threads:?}");
        }
    }
}
