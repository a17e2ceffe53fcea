//! `X-Mizan-Invalidate`: what is read is written back to the same, and what is written is read back.

use mizan_core::invalidate_header::{self, HeaderTarget};

/// The input as a header, and as texts that a header is written of.
pub fn header(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(targets) = invalidate_header::parse(&text) {
        round_trip(targets);
    }
    round_trip(targets(&text));
}

/// Targets of any texts: one on each line, its parts behind tabs, in turn a name and a value.
fn targets(text: &str) -> Vec<HeaderTarget> {
    let target = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        let context = parts.next().unwrap_or_default();
        let params = std::iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect();
        HeaderTarget { context, params }
    };
    text.split('\n').map(target).filter(|target| !target.context.is_empty()).collect()
}

fn round_trip(mut targets: Vec<HeaderTarget>) {
    let written = invalidate_header::write(&targets);
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{written:?}");
    // They are written in the order of their names.
    targets.iter_mut().for_each(|target| target.params.sort());
    let read = invalidate_header::parse(&written);
    assert_eq!(read.as_ref(), Ok(&targets), "{written:?}");
    assert_eq!(invalidate_header::write(&targets), written);
}
