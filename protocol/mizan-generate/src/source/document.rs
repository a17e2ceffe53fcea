//! From text to a document; a mistake is named by its JSON pointer.

use mizan_schema::{Document, VERSION};
use serde::Deserialize;
use serde_path_to_error::Segment;

use super::SourceError;
use crate::problem::pointer_step;

/// Reads a document. The path of a mistake is only looked for when there is one.
pub(super) fn parse(text: &[u8], origin: &str) -> Result<Document, SourceError> {
    serde_json::from_slice(text).map_err(|error| explain(text, origin, &error))
}

#[derive(Deserialize)]
struct VersionOnly {
    mizan: u32,
}

fn explain(text: &[u8], origin: &str, error: &serde_json::Error) -> SourceError {
    if text.iter().all(u8::is_ascii_whitespace) {
        return SourceError::new(
            format!("{origin} is empty"),
            "the source prints a schema document; `mizan_core::handle_cli()?` comes first in `main`",
        );
    }
    if !error.is_data() {
        return SourceError::new(
            format!("{origin} is not JSON: {error}"),
            "the source prints the schema document and nothing else",
        );
    }
    if let Ok(VersionOnly { mizan }) = serde_json::from_slice(text)
        && mizan != VERSION
    {
        return SourceError::new(
            format!("{origin} has version {mizan}, this generator reads version {VERSION}"),
            "install the mizan-generate of the same release as the backend",
        );
    }
    let json = &mut serde_json::Deserializer::from_slice(text);
    let place = match serde_path_to_error::deserialize::<_, Document>(json) {
        Err(error) => error.path().iter().map(step).collect(),
        Ok(_) => String::new(),
    };
    let place = if place.is_empty() { String::new() } else { format!(" (at {place})") };
    SourceError::new(
        format!("{origin} is not a schema document: {error}{place}"),
        "print it with the backend: `<your app> mizan schema`",
    )
}

fn step(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", pointer_step(key)),
        Segment::Enum { variant } => format!("/{}", pointer_step(variant)),
        Segment::Unknown => String::new(),
    }
}
