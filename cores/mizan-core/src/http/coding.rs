//! How a body may be compressed, and which files gain by it.

/// Smaller files gain nothing.
const FROM: u64 = 1024;

/// The types of files that gain something, by how they begin.
const TYPES: [&str; 7] = [
    "text/",
    "application/javascript",
    "application/json",
    "application/manifest",
    "application/wasm",
    "image/svg",
    "font/ttf",
];

/// A way to compress a body, for an adapter that does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Coding {
    /// `br`.
    Brotli,
    /// `gzip`.
    Gzip,
}

impl Coding {
    /// The value of `Content-Encoding`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that the values of `Accept-Encoding` rank first, `br` before `gzip` where they rank both the same.
    /// `None` for a body as it is: that is always sent, even where a client refuses it.
    pub fn accepted<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let values = values.into_iter().filter_map(|value| std::str::from_utf8(value).ok());
        let ranked = values.flat_map(|value| value.split(',')).filter_map(ranked);
        // Items of the same quality and rank name the same coding.
        let (quality, _, coding) = ranked.max_by_key(|(quality, rank, _)| (*quality, *rank))?;
        coding.filter(|_| quality > 0)
    }

    /// Whether a file gains something by being compressed: by its `Content-Type`, and by its size where that is known.
    pub fn suits_file(content_type: &str, size: Option<u64>) -> bool {
        size.is_none_or(|size| size >= FROM)
            && TYPES.iter().any(|start| content_type.starts_with(start))
    }
}

/// One item of `Accept-Encoding`: its quality in thousandths, its rank among those of the same quality, and the
/// coding, where it is not `identity`. `None` for one that is invalid, or that this server does not know.
fn ranked(item: &str) -> Option<(u16, u8, Option<Coding>)> {
    let (name, quality) = match item.split_once(';') {
        Some((name, quality)) => (name, thousandths(quality.trim())?),
        None => (item, 1000),
    };
    let (rank, coding) = match name.trim() {
        name if name.eq_ignore_ascii_case("br") => (2, Some(Coding::Brotli)),
        name if name.eq_ignore_ascii_case("gzip") => (1, Some(Coding::Gzip)),
        name if name.eq_ignore_ascii_case("identity") => (0, None),
        _ => return None,
    };
    Some((quality, rank, coding))
}

/// `q=0.5` as 500.
fn thousandths(text: &str) -> Option<u16> {
    let number = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !digits(fraction) {
        return None;
    }
    let quality = format!("{whole}{fraction:0<3}").parse().ok()?;
    (quality <= 1000).then_some(quality)
}

#[cfg(test)]
mod tests {
    use super::Coding;

    fn accepted(value: &str) -> Option<&'static str> {
        Coding::accepted([value.as_bytes()]).map(Coding::as_str)
    }

    #[test]
    fn the_best_coding_is_that_of_the_client() {
        for (value, coding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("GZIP;Q=1", Some("gzip")),
            ("br;q=0.4, gzip;q=0.5", Some("gzip")),
            ("br;q=0.5,gzip;q=0.5", Some("br")),
            ("br;q=0, gzip;q=0.5, identity;q=0.1", Some("gzip")),
            ("br;q=0.5, identity", None),
            ("br;q=1.0, identity", Some("br")),
            ("br;q=0", None),
            ("gzip;q=0, br;q=0.000", None),
            ("*;q=0", None),
            ("*", None),
            ("zstd", None),
            ("identity", None),
            ("identity;q=0", None),
            ("nonsense;;q=x", None),
            ("br;q=x, gzip;q=2, br;q=1.001, br;q=0.1234, br;level=9", None),
            ("br;q=-1, br;q=0.+1", None),
            ("", None),
            (",,", None),
        ] {
            assert_eq!(accepted(value), coding, "{value}");
        }
        assert_eq!(Coding::accepted([b"gzip;q=0.5".as_slice(), b"br"]), Some(Coding::Brotli));
        assert_eq!(Coding::accepted([b"\xff, br".as_slice()]), None);
        assert_eq!(Coding::accepted([]), None);
    }

    #[test]
    fn files_that_are_small_or_compressed_already_stay_as_they_are() {
        assert!(Coding::suits_file("text/css; charset=utf-8", Some(1024)));
        assert!(Coding::suits_file("application/javascript", None));
        assert!(!Coding::suits_file("text/css", Some(1023)));
        assert!(!Coding::suits_file("image/png", Some(1 << 20)));
        assert!(!Coding::suits_file("", None));
    }
}
