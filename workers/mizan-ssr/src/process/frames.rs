//! Takes what a worker writes apart into lines of the protocol and other lines, in bounded memory.

use memchr::memchr;

/// As much as is kept of a line that is not of the protocol.
const OTHER: usize = 4_096;
/// As much as is kept of a line that is too long: its number is in there.
const HEAD: usize = 64;

/// A line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// Of the protocol, without the tag.
    Own(&'a [u8]),
    /// Of the protocol and too long: its beginning, and how many bytes it has.
    TooLong(&'a [u8], usize),
    /// Anything else: what a component or the runtime writes.
    Other(&'a [u8]),
}

#[derive(Debug)]
pub(crate) struct Frames {
    /// With the space after it. Empty where no line is of the protocol.
    tag: Box<[u8]>,
    limit: usize,
    line: Vec<u8>,
    /// Of the line, with what was not kept.
    length: usize,
}

impl Frames {
    /// Lines that begin with this tag and a space are of the protocol.
    pub(crate) fn tagged(tag: &str, limit: usize) -> Self {
        Self { tag: format!("{tag} ").into_bytes().into(), limit, line: Vec::new(), length: 0 }
    }

    /// No line is of the protocol.
    pub(crate) fn others() -> Self {
        Self { tag: Box::new([]), limit: 0, line: Vec::new(), length: 0 }
    }

    /// Takes some bytes, and hands on every line that they complete.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Frame<'_>)) {
        while let Some(end) = memchr(b'\n', bytes) {
            self.keep(&bytes[..end]);
            each(self.frame());
            self.line.clear();
            self.line.shrink_to(OTHER);
            self.length = 0;
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes);
    }

    /// What is left when there is nothing more to read. A line of the protocol without an end is not one.
    pub(crate) fn rest(&self) -> Option<&[u8]> {
        (!self.line.is_empty() && !self.is_own()).then_some(&self.line)
    }

    fn keep(&mut self, part: &[u8]) {
        self.length += part.len();
        let (start, rest) =
            part.split_at(part.len().min(self.tag.len().saturating_sub(self.line.len())));
        self.line.extend_from_slice(start);
        if self.is_own() && self.length > self.tag.len() + self.limit {
            let kept = rest.len().min((self.tag.len() + HEAD).saturating_sub(self.line.len()));
            self.line.extend_from_slice(&rest[..kept]);
            self.line.truncate(self.tag.len() + HEAD);
            self.line.shrink_to_fit();
            return;
        }
        let most = if self.is_own() { usize::MAX } else { OTHER };
        let kept = rest.len().min(most.saturating_sub(self.line.len()));
        self.line.extend_from_slice(&rest[..kept]);
    }

    fn is_own(&self) -> bool {
        !self.tag.is_empty() && self.line.starts_with(&self.tag)
    }

    fn frame(&self) -> Frame<'_> {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if !self.is_own() {
            return Frame::Other(line);
        }
        let bytes = self.length - self.tag.len();
        if bytes > self.limit {
            return Frame::TooLong(&self.line[self.tag.len()..], bytes);
        }
        Frame::Own(line.strip_prefix(&*self.tag).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Frames, HEAD, OTHER};

    /// What comes out, however the bytes are cut.
    fn lines(input: &str, limit: usize) -> Vec<String> {
        let run = |size: usize| {
            let mut frames = Frames::tagged("tag", limit);
            let mut lines = Vec::new();
            for chunk in input.as_bytes().chunks(size) {
                frames.push(chunk, |frame| {
                    lines.push(match frame {
                        Frame::Own(line) => format!("own {}", String::from_utf8_lossy(line)),
                        Frame::TooLong(_, bytes) => format!("too long: {bytes}"),
                        Frame::Other(line) => format!("other {}", String::from_utf8_lossy(line)),
                    });
                });
            }
            lines.extend(
                frames.rest().map(|rest| format!("rest {}", String::from_utf8_lossy(rest))),
            );
            lines
        };
        let expected = run(usize::MAX);
        (1..40).for_each(|size| assert_eq!(run(size), expected, "in pieces of {size}"));
        expected
    }

    #[test]
    fn only_lines_with_the_tag_are_of_the_protocol() {
        let check =
            |input: &str, expected: &[&str]| assert_eq!(lines(input, 100), expected, "{input:?}");
        check("tag {}\n", &["own {}"]);
        check("tag {}\r\n", &["own {}"]);
        check("tag \n", &["own "]);
        check("tag{}\n{}\n\n", &["other tag{}", "other {}", "other "]);
        check(" tag {}\n", &["other  tag {}"]);
        check("ta\ntag a\ntag b\n", &["other ta", "own a", "own b"]);
        check("tag a", &[]);
        check("xyz", &["rest xyz"]);
        check("tag a\nxy", &["own a", "rest xy"]);
    }

    #[test]
    fn a_line_over_the_limit_is_counted_and_not_kept() {
        let check = |bytes: usize, expected: &str| {
            let input = format!("tag {}\ntag b\n", "x".repeat(bytes));
            assert_eq!(lines(&input, 100)[..], [expected, "own b"], "{bytes}");
        };
        check(100, &format!("own {}", "x".repeat(100)));
        check(101, "too long: 101");
        check(100_000, "too long: 100000");
        let mut frames = Frames::tagged("tag", 100);
        frames.push(b"tag {\"id\":7,", |_| ());
        (0..1_000).for_each(|_| frames.push(&[b'x'; 1_000], |_| ()));
        assert!(frames.line.capacity() < 200, "{}", frames.line.capacity());
        let mut seen = false;
        frames.push(b"\n", |frame| {
            let Frame::TooLong(head, bytes) = frame else { panic!("{frame:?}") };
            assert!(head.starts_with(b"{\"id\":7,") && head.len() == HEAD && bytes > 1_000_000);
            seen = true;
        });
        assert!(seen);
    }

    #[test]
    fn of_other_lines_the_beginning_is_kept() {
        let mut frames = Frames::others();
        (0..1_000).for_each(|_| frames.push(&[b'x'; 1_000], |_| ()));
        let mut lengths = Vec::new();
        frames.push(b"\nabc\n", |frame| {
            let Frame::Other(line) = frame else { panic!("{frame:?}") };
            lengths.push(line.len());
        });
        assert_eq!(lengths, [OTHER, 3]);
    }
}
