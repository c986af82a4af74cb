//! Feeds `fuzz::decoder`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::decoder(data));
