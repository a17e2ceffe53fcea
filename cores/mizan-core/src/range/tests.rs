//! The order of cursors is the order of keys, for every type of key.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::strategy::Strategy;
use serde_json::{Value, json};

use super::*;

/// Two keys compare as their cursors do, and a cursor reads as its key.
fn check<K: CursorKey + Ord + Clone + Debug>(one: &K, other: &K) {
    let (first, second) = (text(one).unwrap(), text(other).unwrap());
    assert_eq!(first.cmp(&second), one.cmp(other), "{one:?} {other:?}: {first} {second}");
    let read: Cursor<K> = serde_json::from_value(Value::from(first.clone())).unwrap();
    assert_eq!(read.0, *one);
    assert!(first.is_ascii() && first.len() <= characters(K::MAX_BYTES), "{first}");
}

fn order<K: CursorKey + Ord + Clone + Debug>(keys: impl Strategy<Value = K>) {
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() };
    proptest!(config, |(one in &keys, other in &keys)| {
        check(&one, &other);
        check(&Desc(one.clone()), &Desc(other.clone()));
        check(&Some(one.clone()), &None);
        check(&Desc(Some(one.clone())), &Desc(None));
        check(&(one.clone(), 1_u8), &(other.clone(), 0_u8));
        check(&(Desc(one.clone()), other.clone()), &(Desc(other), one));
    });
}

/// Texts that share beginnings, with the characters at the edges of UTF-8.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab\u{0}\u{1}\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}]{0,4}",
        "[a-c]{0,3}",
        "a{60,64}",
    ]
}

#[test]
fn the_order_of_cursors_is_that_of_integers() {
    order(any::<i8>());
    order(any::<i16>());
    order(any::<i32>());
    order(any::<i64>());
    order(-3_i64..3);
    order(any::<i128>());
    order(any::<u8>());
    order(any::<u16>());
    order(any::<u32>());
    order(any::<u64>());
    order(any::<u128>());
    order(any::<bool>());
}

#[test]
fn the_order_of_cursors_is_that_of_texts() {
    order(texts());
    order(texts().prop_map(Text::<64>));
}

#[test]
fn the_order_of_cursors_is_that_of_tuples() {
    order((0_i64..2, texts(), any::<bool>()));
    // Four texts in all, which fit a cursor only where they are short.
    order(("[ab\u{0}\u{ffff}]{0,4}", "[a-c]{0,3}"));
    order((proptest::option::of(texts()), proptest::option::of(-1_i32..1)));
    order(((0_u8..2).prop_map(Desc), texts().prop_map(Desc), 0_u8..2, 0_u8..2));
}

#[cfg(feature = "uuid")]
#[test]
fn the_order_of_cursors_is_that_of_uuids() {
    order(any::<u128>().prop_map(uuid::Uuid::from_u128));
}

#[cfg(feature = "chrono")]
#[test]
fn the_order_of_cursors_is_that_of_chrono() {
    use chrono::{DateTime, NaiveDate};
    let days = || {
        (-90_000_000..90_000_000).prop_filter_map("a date", NaiveDate::from_num_days_from_ce_opt)
    };
    let moments = || {
        let near = (-2_i64..2, 0_u32..3);
        let far = (-8_000_000_000_000_i64..8_000_000_000_000, 0_u32..1_000_000_000);
        prop_oneof![near, far].prop_filter_map("a moment", |(seconds, nanos)| {
            DateTime::from_timestamp(seconds, nanos)
        })
    };
    order(days());
    order(moments());
    order(moments().prop_map(|at| at.naive_utc()));
    order(moments().prop_map(|at| at.time()));
}

#[cfg(feature = "time")]
#[test]
fn the_order_of_cursors_is_that_of_time() {
    use time::{OffsetDateTime, UtcOffset};
    let moments = || {
        let near = (-2_i128..2, 0_i8..3);
        let far = (-300_000_000_000_000_000_000_i128..200_000_000_000_000_000_000, -12_i8..12);
        prop_oneof![near, far].prop_filter_map("a moment", |(nanos, hours)| {
            let offset = UtcOffset::from_hms(hours, 0, 0).ok()?;
            OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.checked_to_offset(offset)
        })
    };
    order(moments());
    order(moments().prop_map(|at| at.date()));
    order(moments().prop_map(|at| at.time()));
    order(moments().prop_map(|at| time::PrimitiveDateTime::new(at.date(), at.time())));
}

#[test]
fn what_is_not_a_cursor_of_these_keys_is_refused() {
    let read = |text: &str| serde_json::from_value::<Cursor<(i64, String)>>(text.into());
    let cursor = text(&(5_i64, "a".to_owned())).unwrap();
    assert!(read(&cursor).is_ok());
    let others = [text(&5_i64), text(&(5_i64, 5_i64)), text(&("a".to_owned(), 5_i64))];
    for other in
        others.map(Result::unwrap).into_iter().chain(["".into(), "-".repeat(257), "ä".into()])
    {
        assert!(read(&other).is_err(), "{other}");
    }
    for at in 0..cursor.len() {
        assert!(read(&cursor[..at]).is_err(), "{at}");
    }
    // Zeros are the empty text, and what follows the byte after `\u{10ffff}` is not UTF-8.
    assert!(serde_json::from_value::<Cursor<String>>("zzzz".into()).is_err());
}

proptest! {
    #[test]
    fn no_text_is_read_as_a_key_with_another_cursor(text in "[-0-9A-Z_a-z]{0,24}") {
        fn check<K: CursorKey>(own: &str) {
            if let Ok(Cursor(key)) = serde_json::from_value::<Cursor<K>>(own.into()) {
                assert_eq!(super::text(&key).unwrap(), own);
            }
        }
        check::<i64>(&text);
        check::<String>(&text);
        check::<(Option<bool>, Desc<String>, u8)>(&text);
    }
}

#[test]
fn a_text_that_is_longer_than_declared_is_an_error_that_says_so() {
    let range = Range::<String>::new(None, None, 1).unwrap();
    let page = range.page(vec!["a".repeat(65), "b".into()], Clone::clone);
    let fault = serde_json::to_string(&page).unwrap_err().to_string();
    assert!(
        fault.starts_with("a text in the key of a list has 65 bytes, and 64 is the most"),
        "{fault}"
    );
    let short = Range::<Text<3>>::new(None, None, 1).unwrap();
    let page = short.page(vec!["abcd", "b"], |text| Text::from(*text));
    assert!(serde_json::to_string(&page).is_err() && page.next().is_none());
}

#[test]
fn a_page_goes_on_after_its_last_item_or_at_the_end_of_its_window() {
    let keys = |range: &Range<i64>, rows: &[i64]| {
        serde_json::to_value(range.page(rows.to_vec(), |row| *row)).unwrap()
    };
    let cursor = |key: i64| text(&key).unwrap();
    let page = Range::new(Some(1), None, 2).unwrap();
    assert_eq!(keys(&page, &[2, 3, 4]), json!({"items": [2, 3], "next": cursor(3)}));
    assert_eq!(keys(&page, &[2, 3]), json!({"items": [2, 3], "next": null}));
    let window = Range::new(None, Some(9), 2).unwrap();
    assert_eq!(keys(&window, &[2]), json!({"items": [2], "next": cursor(9)}));
    assert_eq!(keys(&window, &[]), json!({"items": [], "next": cursor(9)}));
    assert_eq!(keys(&window, &[1, 2, 3]), json!({"items": [1, 2], "next": cursor(2)}));
}

#[test]
fn a_page_in_another_order_is_an_error_in_debug_builds() {
    let page = |range: &Range<i64>, rows: &[i64]| {
        serde_json::to_string(&range.page(rows.to_vec(), |row| *row))
    };
    let all = Range::first();
    let part = Range::new(Some(3), Some(6), 9).unwrap();
    assert!(page(&all, &[1, 2]).is_ok() && page(&part, &[4, 6]).is_ok());
    for (range, rows) in [(&all, [2, 1]), (&all, [1, 1]), (&part, [3, 4]), (&part, [4, 7])] {
        assert!(page(range, &rows).is_err(), "{rows:?}");
    }
}

#[test]
fn a_limit_has_bounds() {
    let is_fine = |after, until, limit| Range::<i64>::new(after, until, limit).is_ok();
    for (after, until, most) in
        [(Some(1), None, 200), (None, Some(1), 500), (Some(1), Some(2), 500), (None, None, 500)]
    {
        assert!(is_fine(after, until, 1) && is_fine(after, until, most));
        assert!(!is_fine(after, until, 0) && !is_fine(after, until, most + 1));
    }
    assert!(serde_json::from_str::<PageLimit>("501").is_err());
    assert!(serde_json::from_str::<PageLimit>("0").is_err());
}
