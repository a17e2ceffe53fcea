//! `mizan_fuzz::json_body` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mizan_fuzz::json_body(data));
