//! Preloaded into the oracle: both of its clocks are numbers in a file, which the task runner sets.
//!
//! This file is a library of its own, compiled when the oracle starts. The wall clock gives times
//! and IDs; the monotonic clock drives the server's timers, so that its periodic work (forgetting
//! idempotent IDs is part of it) is done when the tests say so, and never in between.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::mem;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

/// C's `struct timeval`.
#[repr(C)]
pub struct TimeVal {
    seconds: c_long,
    microseconds: c_long,
}

/// C's `struct timespec`.
#[repr(C)]
pub struct TimeSpec {
    seconds: c_long,
    nanoseconds: c_long,
}

/// C's `clock_gettime`.
type ClockGetTime = unsafe extern "C" fn(c_int, *mut TimeSpec) -> c_int;

unsafe extern "C" {
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
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

/// The file: microseconds past 1970, and microseconds of the monotonic clock.
fn clocks() -> &'static [AtomicI64; 2] {
    const READ_ONLY: c_int = 0;
    const PROTECTION_READ: c_int = 1;
    const MAP_SHARED: c_int = 1;
    static CLOCK: OnceLock<usize> = OnceLock::new();
    let address = CLOCK.get_or_init(|| {
        // SAFETY: the task runner sets the variable to a path; a failure is checked for below.
        let address = unsafe {
            let file = open(getenv(c"BROOKLET_ORACLE_CLOCK".as_ptr()), READ_ONLY);
            mmap(ptr::null_mut(), 16, PROTECTION_READ, MAP_SHARED, file, 0)
        };
        assert!(address as isize != -1, "the oracle's clock cannot be mapped");
        address as usize
    });
    // SAFETY: a page was mapped there for good, and sixteen bytes of it are the clocks.
    unsafe { &*(*address as *const [AtomicI64; 2]) }
}

/// Microseconds past 1970.
fn wall() -> i64 {
    clocks()[0].load(Ordering::SeqCst)
}

/// Replaces the C library's function.
///
/// # Safety
/// `time` points to a `struct timeval`, as the C function asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut TimeVal, _: *mut c_void) -> c_int {
    let now = wall();
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
    let now = wall() / 1_000_000;
    if !out.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out.write(now) };
    }
    now
}

/// Replaces the C library's function for the monotonic clock; other clocks stay what they are.
///
/// # Safety
/// `time` points to a `struct timespec`, as the C function asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut TimeSpec) -> c_int {
    const MONOTONIC: c_int = 1;
    static OTHERS: OnceLock<ClockGetTime> = OnceLock::new();
    if clock != MONOTONIC {
        let others = OTHERS.get_or_init(|| {
            // SAFETY: the handle means "the next library"; the symbol has the type that C gives it.
            unsafe {
                let next = dlsym(ptr::without_provenance_mut(usize::MAX), c"clock_gettime".as_ptr());
                assert!(!next.is_null(), "the C library has clocks");
                mem::transmute::<*mut c_void, ClockGetTime>(next)
            }
        });
        // SAFETY: the caller's promise.
        return unsafe { others(clock, time) };
    }
    let now = clocks()[1].load(Ordering::SeqCst);
    let value = TimeSpec { seconds: now / 1_000_000, nanoseconds: now % 1_000_000 * 1000 };
    // SAFETY: the caller's promise.
    unsafe { time.write(value) };
    0
}
