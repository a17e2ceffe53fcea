//! What there is to read and to change: items with pages, in shelves. Each has a number, under which
//! the database keeps how often it was changed.

/// Few enough that readers and writers meet, and enough that most reads find their entry unchanged.
pub(crate) const ITEMS: usize = 48;
/// Pages of one item.
pub(crate) const PAGES: usize = 3;
/// Items on one shelf.
pub(crate) const ON_SHELF: usize = 8;
/// Shelves.
pub(crate) const SHELVES: usize = ITEMS / ON_SHELF;
/// How many numbers there are.
pub(crate) const COUNT: usize = ITEMS + ITEMS * PAGES + SHELVES;

/// The number of an item.
pub(crate) fn item(item: usize) -> usize {
    item % ITEMS
}

/// The number of a page of an item.
pub(crate) fn page(item: usize, page: usize) -> usize {
    ITEMS + (item % ITEMS) * PAGES + page % PAGES
}

/// The numbers of one page of an item, or of all of them.
pub(crate) fn pages(item: usize, one: Option<usize>) -> Vec<usize> {
    match one {
        Some(one) => vec![page(item, one)],
        None => (0..PAGES).map(|one| page(item, one)).collect(),
    }
}

/// The number of a shelf.
pub(crate) fn shelf(shelf: usize) -> usize {
    ITEMS + ITEMS * PAGES + shelf % SHELVES
}

/// The items on a shelf.
pub(crate) fn on_shelf(shelf: usize) -> std::ops::Range<usize> {
    let first = (shelf % SHELVES) * ON_SHELF;
    first..first + ON_SHELF
}
