//! What a training step asks of libtorch beside tensors.

use std::ffi::c_char;

use tch::Tensor;

use super::{CTensor, sound};

/// Numbers on their way to the host; C++'s own.
#[repr(C)]
struct CLate {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn noisydarts_random_state(beside: *const CTensor, error: *mut c_char) -> *mut CTensor;
    fn noisydarts_set_random_state(
        beside: *const CTensor,
        state: *const CTensor,
        error: *mut c_char,
    ) -> *const CTensor;
    fn noisydarts_autocast(beside: *const CTensor, on: bool) -> bool;
    fn noisydarts_allow_tf32(on: bool);
    fn noisydarts_late(numbers: *const CTensor, error: *mut c_char) -> *mut CLate;
    fn noisydarts_late_read(late: *const CLate, out: *mut f64, count: i64) -> i64;
    fn noisydarts_late_free(late: *mut CLate);
    fn noisydarts_count_reads() -> u64;
    fn noisydarts_counted_reads(handle: u64) -> i64;
}

/// Where libtorch's generator of random numbers stands on one device.
#[derive(Debug)]
pub struct RandomState {
    beside: Tensor,
    state: Tensor,
}

impl RandomState {
    /// That of the device that this tensor is on.
    #[must_use]
    pub fn of(beside: &Tensor) -> Self {
        // SAFETY: the tensor lives through the call, and the result is a new tensor that nobody else owns.
        let state = unsafe {
            let pointer = beside.as_ptr();
            Tensor::from_ptr(sound(|error| noisydarts_random_state(pointer, error)))
        };
        Self { beside: beside.shallow_clone(), state }
    }

    /// Puts the generator back there.
    pub fn restore(&self) {
        // SAFETY: both tensors live through the call, which keeps neither.
        sound(|error| unsafe {
            noisydarts_set_random_state(self.beside.as_ptr(), self.state.as_ptr(), error).cast_mut()
        });
    }
}

/// What `work` gives where operations that can take it compute in bfloat16 on this tensor's kind of device; tensors
/// that exist, such as weights, stay as they are.
pub fn autocast<T>(beside: &Tensor, work: impl FnOnce() -> T) -> T {
    struct Off<'a>(&'a Tensor, bool);
    impl Drop for Off<'_> {
        fn drop(&mut self) {
            // SAFETY: reads the tensor's device and changes this thread's mode.
            unsafe { noisydarts_autocast(self.0.as_ptr(), self.1) };
        }
    }
    // SAFETY: as above.
    let _off = Off(beside, unsafe { noisydarts_autocast(beside.as_ptr(), true) });
    work()
}

/// Whether products of 32-bit matrices and convolutions on GPUs may round their factors to 10 bits of mantissa
/// (TF32), in this process from now on.
pub fn allow_tf32(on: bool) {
    // SAFETY: sets two switches.
    unsafe { noisydarts_allow_tf32(on) }
}

/// Numbers of a device that are on their way to the host while it goes on.
#[derive(Debug)]
pub struct Late(*mut CLate);

impl Late {
    /// Sends a tensor's numbers on their way.
    #[must_use]
    pub fn of(numbers: &Tensor) -> Self {
        // SAFETY: the tensor lives through the call; what it gives is freed in `drop` alone.
        let pointer = numbers.as_ptr();
        Self(sound(|error| unsafe { noisydarts_late(pointer, error) }))
    }

    /// The numbers; waits until they are there.
    ///
    /// # Panics
    /// When there are not `N` of them.
    #[must_use]
    pub fn read<const N: usize>(&self) -> [f64; N] {
        let mut numbers = [0.0; N];
        // SAFETY: writes `N` numbers at most.
        let count = unsafe { noisydarts_late_read(self.0, numbers.as_mut_ptr(), N as i64) };
        assert!(count == N as i64, "expected {N} numbers, found {count}");
        numbers
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        // SAFETY: made by `of`, and freed here alone.
        unsafe { noisydarts_late_free(self.0) }
    }
}

/// How often `work` reads a value of a tensor on the host in this thread, for which a GPU would be waited.
pub fn host_reads(work: impl FnOnce()) -> i64 {
    // SAFETY: the callback that the first call adds touches a counter of this thread alone; the second removes it.
    let handle = unsafe { noisydarts_count_reads() };
    work();
    unsafe { noisydarts_counted_reads(handle) }
}
