//! Lists that grow: which part of a list is read, and the page that it gives.

mod cursor;
mod dates;
mod key;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Error as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use crate::error::{Error, Result};

pub use cursor::{CURSOR_FORMAT, Cursor, PageLimit};
pub(crate) use cursor::{MAX_CURSOR, characters};
pub use key::{CursorKey, Desc, KeyTooLong, Text};

use cursor::text;

/// Which part of a list to read: as the last parameter of a read, for clients the three parameters `after`, `until`
/// and `limit`.
///
/// `K` is the key by which the list is sorted, with [`Desc`] where it falls. No two items may have one key: end it
/// with something unique. The rows to fetch have keys after [`after`](Self::after), up to
/// [`until`](Self::until) and including it; fetch one more than [`limit`](Self::limit), so that the page knows whether
/// there are more.
///
/// ```
/// use mizan_core::{Context, Desc, Page, Range, Result, State, client};
/// # use schemars::JsonSchema;
/// # use serde::Serialize;
/// # #[derive(Serialize, JsonSchema)]
/// # pub struct Order { id: i64, at: i64 }
/// # pub struct Db;
/// # impl Db {
/// #     async fn orders(&self, _: i64, _: Option<&(Desc<i64>, i64)>, _: Option<&(Desc<i64>, i64)>, _: u32) -> Result<Vec<Order>> {
/// #         Ok(Vec::new())
/// #     }
/// # }
/// #[derive(Context)]
/// pub struct StallOrdersContext;
///
/// /// The newest first.
/// #[client(context = StallOrdersContext)]
/// async fn stall_orders(
///     db: State<Db>,
///     stall_id: i64,
///     range: Range<(Desc<i64>, i64)>,
/// ) -> Result<Page<Order>> {
///     let rows = db.orders(stall_id, range.after(), range.until(), range.limit() + 1).await?;
///     Ok(range.page(rows, |order| (Desc(order.at), order.id)))
/// }
/// ```
#[derive(Debug, Clone)]
// Without a bound: the macro reports a type that is not a key, and the use of it in the function is not one more error.
pub struct Range<K> {
    after: Option<K>,
    until: Option<K>,
    limit: u32,
    /// Writes a key as a cursor.
    text: fn(&K) -> std::result::Result<String, KeyTooLong>,
}

impl<K: PartialEq> PartialEq for Range<K> {
    fn eq(&self, other: &Self) -> bool {
        (&self.after, &self.until, self.limit) == (&other.after, &other.until, other.limit)
    }
}

impl<K: Eq> Eq for Range<K> {}

impl<K: CursorKey> Range<K> {
    /// A part of a list, as a client asks for it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a limit of 0, of more than 200 after a cursor, and of more than 500 in a window: a range
    /// with `until`, or without `after`.
    pub fn new(after: Option<K>, until: Option<K>, limit: u32) -> Result<Self> {
        let is_page = after.is_some() && until.is_none();
        let most = if is_page { PageLimit::OF_PAGE } else { PageLimit::OF_WINDOW };
        if !(1..=most).contains(&limit) {
            let message = if is_page {
                "after a cursor and without `until`, the limit is 1 to 200"
            } else {
                "the limit is 1 to 500"
            };
            return Err(Error::field("limit", message));
        }
        Ok(Self { after, until, limit, text })
    }

    /// The first page, as it is read where a client asks for nothing: 20 items.
    pub fn first() -> Self {
        Self { after: None, until: None, limit: PageLimit::DEFAULT, text }
    }
}

impl<K> Range<K> {
    /// The key that all rows are after; without it, the first row is the first of the list.
    pub fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// The last key that a row may have; without it, the list is read to its end.
    pub fn until(&self) -> Option<&K> {
        self.until.as_ref()
    }

    /// How many items the page has at most; fetch one row more.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The page of rows that were fetched with [`limit`](Self::limit)` + 1`, in the order of their keys.
    ///
    /// Rows in another order are an `INTERNAL_ERROR` in debug builds, and so is a key with a text that is longer than
    /// declared.
    pub fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let text = self.text;
        let last = if has_more { rows.last().map(|row| text(&key(row))) } else { None };
        let next = last.or_else(|| self.until.as_ref().map(text)).transpose();
        let next = next.map_err(|fault| fault.to_string());
        let next = if cfg!(debug_assertions) {
            next.and_then(|next| self.check(&rows, key).map(|()| next))
        } else {
            next
        };
        Page { items: rows, next }
    }

    /// Whether the rows have the order of their keys, inside of the range.
    fn check<T>(&self, rows: &[T], key: impl Fn(&T) -> K) -> std::result::Result<(), String> {
        let text = |key: &K| (self.text)(key).map_err(|fault| fault.to_string());
        let until = self.until().map(text).transpose()?;
        let mut before = self.after().map(text).transpose()?;
        for row in rows {
            let own = text(&key(row))?;
            if before.as_ref().is_some_and(|before| *before >= own) {
                return Err(
                    "the rows of a page are not sorted by their keys, or two have one key: \
                            sort by the columns of the key, start after `range.after()`"
                        .into(),
                );
            }
            if until.as_ref().is_some_and(|until| own > *until) {
                return Err("a row of a page is after `range.until()`: leave it out".into());
            }
            before = Some(own);
        }
        Ok(())
    }
}

/// A part of a list, and the cursor after which it goes on: `{"items": […], "next": cursor | null}`.
/// [`Range::page`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    next: std::result::Result<Option<String>, String>,
}

impl<T> Page<T> {
    /// The cursor after which the list goes on, if it does.
    pub fn next(&self) -> Option<&str> {
        self.next.as_ref().ok()?.as_deref()
    }

    /// The page with other items, one for each.
    pub fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(item).collect(), next: self.next }
    }
}

impl<T: Serialize> Serialize for Page<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let next = self.next.as_ref().map_err(S::Error::custom)?;
        let mut page = serializer.serialize_struct("Page", 2)?;
        page.serialize_field("items", &self.items)?;
        page.serialize_field("next", next)?;
        page.end()
    }
}

impl<T: JsonSchema> JsonSchema for Page<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Page_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<Vec<T>>();
        let next = generator.subschema_for::<Option<Cursor<()>>>();
        json_schema!({
            "type": "object",
            "properties": { "items": items, "next": next },
            "required": ["items", "next"],
        })
    }
}
