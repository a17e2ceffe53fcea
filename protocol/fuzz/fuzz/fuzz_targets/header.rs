//! `mizan_fuzz::header` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mizan_fuzz::header(data));
