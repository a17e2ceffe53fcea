//! Orders of the weeks before the first day, in the order of time.

/// An order; its number follows from its place in the list.
pub(super) struct Order {
    pub(super) user_id: i64,
    /// Seconds since 1970.
    pub(super) placed_at: i64,
    pub(super) status: &'static str,
    /// Ids of goods, and how many.
    pub(super) lines: &'static [(i64, i64)],
}

/// Noon of 2 March 2026, a Monday.
const MONDAY: i64 = 1_772_452_800;
const DAY: i64 = 86_400;
const MINUTE: i64 = 60;

const fn order(
    user_id: i64,
    placed_at: i64,
    status: &'static str,
    lines: &'static [(i64, i64)],
) -> Order {
    Order { user_id, placed_at, status, lines }
}

pub(super) const ORDERS: [Order; 10] = [
    order(13, MONDAY - 150 * MINUTE, "paid", &[(1, 2), (8, 1), (39, 1)]),
    order(5, MONDAY + DAY + 14 * MINUTE, "paid", &[(41, 2), (61, 1)]),
    order(19, MONDAY + 2 * DAY - 200 * MINUTE, "paid", &[(55, 1), (57, 2), (9, 4)]),
    order(15, MONDAY + 3 * DAY + 95 * MINUTE, "paid", &[(41, 3), (43, 2)]),
    order(22, MONDAY + 4 * DAY + 41 * MINUTE, "paid", &[(70, 1), (71, 1), (68, 5)]),
    order(13, MONDAY + 5 * DAY - 75 * MINUTE, "paid", &[(21, 3), (34, 1), (36, 1)]),
    order(18, MONDAY + 7 * DAY + 8 * MINUTE, "paid", &[(15, 2), (20, 1)]),
    order(28, MONDAY + 8 * DAY - 180 * MINUTE, "paid", &[(21, 12), (22, 15), (8, 6)]),
    order(5, MONDAY + 9 * DAY + 133 * MINUTE, "pending", &[(11, 1), (61, 2), (64, 1)]),
    order(13, MONDAY + 10 * DAY - 22 * MINUTE, "pending", &[(6, 1), (36, 2)]),
];
