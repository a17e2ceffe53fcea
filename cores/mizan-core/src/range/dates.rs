//! Dates, times and UUIDs of other crates as keys of lists.

#[cfg(any(feature = "chrono", feature = "time", feature = "uuid"))]
use super::key::{CursorKey, KeyTooLong};

/// A key that is written as other keys.
#[cfg(any(feature = "chrono", feature = "time"))]
macro_rules! as_parts {
    ($($type:ty as $parts:ty: $split:expr, $join:expr;)*) => {$(
        impl CursorKey for $type {
            const MAX_BYTES: usize = <$parts>::MAX_BYTES;

            fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
                let split: fn(&$type) -> $parts = $split;
                split(self).write(bytes)
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let join: fn($parts) -> Option<$type> = $join;
                join(<$parts>::read(bytes)?)
            }
        }
    )*};
}

#[cfg(feature = "chrono")]
mod chrono_keys {
    use chrono::{
        DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc,
    };

    use super::{CursorKey, KeyTooLong};

    as_parts! {
        NaiveDate as i32: |date| date.num_days_from_ce(), NaiveDate::from_num_days_from_ce_opt;
        NaiveTime as (u32, u32): |time| (time.num_seconds_from_midnight(), time.nanosecond()),
            |(seconds, nanos)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos);
        NaiveDateTime as (NaiveDate, NaiveTime): |at| (at.date(), at.time()),
            |(date, time)| Some(date.and_time(time));
        DateTime<Utc> as NaiveDateTime: |at| at.naive_utc(), |at| Some(at.and_utc());
    }
}

#[cfg(feature = "time")]
mod time_keys {
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

    use super::{CursorKey, KeyTooLong};

    as_parts! {
        Date as i32: |date| date.to_julian_day(), |day| Date::from_julian_day(day).ok();
        Time as (u8, u8, u8, u32): |time| time.as_hms_nano(),
            |(hour, minute, second, nanos)| Time::from_hms_nano(hour, minute, second, nanos).ok();
        PrimitiveDateTime as (Date, Time): |at| (at.date(), at.time()),
            |(date, time)| Some(PrimitiveDateTime::new(date, time));
        // A moment: the offset says only how it is shown, and is that of UTC in what was read.
        OffsetDateTime as (i64, u32): |at| (at.unix_timestamp(), at.nanosecond()),
            |(seconds, nanos)| OffsetDateTime::from_unix_timestamp(seconds).ok()?.replace_nanosecond(nanos).ok();
    }
}

#[cfg(feature = "uuid")]
impl CursorKey for uuid::Uuid {
    const MAX_BYTES: usize = 16;

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        bytes.extend(self.as_bytes());
        Ok(())
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        super::key::take(bytes).map(Self::from_bytes)
    }
}
