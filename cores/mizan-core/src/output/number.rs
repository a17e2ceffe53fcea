//! Which numbers JavaScript holds exactly.

/// The largest integer whose neighbours a JavaScript number can still tell apart: 2^53 − 1.
const MAX_SAFE: i128 = (1 << 53) - 1;

/// Whether an integer survives the way through a JavaScript number.
pub(crate) fn is_safe(value: i128) -> bool {
    (-MAX_SAFE..=MAX_SAFE).contains(&value)
}
