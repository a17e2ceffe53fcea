//! What the benches share: processes that are measured, a load, ceilings, medians.

pub mod callgrind;
pub mod hand_written;
pub mod hand_written_axum;
pub mod load;
pub mod process;
pub mod sample;

/// The middle of a list.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Spread of a list around its median, in percent.
pub fn spread(values: &[f64]) -> f64 {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (high - low) / median(values.to_vec()) * 100.0
}
