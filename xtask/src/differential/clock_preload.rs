//! Preloaded into the oracle: its wall clock is a number in a file, which the task runner sets.
//!
//! This file is a library of its own, compiled when the oracle starts. Only the wall clock is
//! replaced; the monotonic clock, which drives the server's event loop, goes on as it does.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

/// C's `struct timeval`.
#[repr(C)]
pub struct TimeVal {
    seconds: c_long,
    microseconds: c_long,
}

unsafe extern "C" {
    fn getenv(name: *const c_char) -> *const c_char;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn mmap(
        at: *mut c_void,
        len: usize,
        protection: c_int,
        flags: c_int,
        file: c_int,
        offset: i64,
    ) -> *mut c_void;
}

/// Microseconds past 1970, as the file says.
fn microseconds() -> i64 {
    const READ_ONLY: c_int = 0;
    const PROTECTION_READ: c_int = 1;
    const MAP_SHARED: c_int = 1;
    static CLOCK: OnceLock<usize> = OnceLock::new();
    let address = CLOCK.get_or_init(|| {
        // SAFETY: the task runner sets the variable to a path; a failure is checked for below.
        let address = unsafe {
            let file = open(getenv(c"BROOKLET_ORACLE_CLOCK".as_ptr()), READ_ONLY);
            mmap(ptr::null_mut(), 8, PROTECTION_READ, MAP_SHARED, file, 0)
        };
        assert!(address as isize != -1, "the oracle's clock cannot be mapped");
        address as usize
    });
    // SAFETY: a page was mapped there for good, and eight bytes of it are the clock.
    unsafe { (*(*address as *const AtomicI64)).load(Ordering::SeqCst) }
}

/// Replaces the C library's function.
///
/// # Safety
/// `time` points to a `struct timeval`, as the C function asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut TimeVal, _: *mut c_void) -> c_int {
    let now = microseconds();
    let value = TimeVal { seconds: now / 1_000_000, microseconds: now % 1_000_000 };
    // SAFETY: the caller's promise.
    unsafe { time.write(value) };
    0
}

/// Replaces the C library's function.
///
/// # Safety
/// `out` is null or points to a `time_t`, as the C function asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(out: *mut c_long) -> c_long {
    let now = microseconds() / 1_000_000;
    if !out.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out.write(now) };
    }
    now
}
