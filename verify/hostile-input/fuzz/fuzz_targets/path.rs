//! `mizan_hostile_input::path` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mizan_hostile_input::path(data));
