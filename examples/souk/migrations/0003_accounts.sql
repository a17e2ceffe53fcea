-- How people prove who they are. Somebody without a row cannot sign in.
CREATE TABLE accounts (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    -- What is typed to sign in, in lower case.
    name TEXT NOT NULL UNIQUE,
    -- A PHC string: `$argon2id$…`.
    password_hash TEXT NOT NULL,
    staff BIGINT NOT NULL DEFAULT 0 CHECK (staff IN (0, 1))
);

-- Seconds since 1970; null until the staff has sent it.
ALTER TABLE orders ADD COLUMN shipped_at BIGINT;

-- One row for each line of each order.
CREATE VIEW receipts AS
SELECT o.id, o.user_id, o.placed_at, u.name AS buyer,
    CASE WHEN o.shipped_at IS NULL THEN o.status ELSE 'shipped' END AS status,
    l.good_id, l.good, l.quantity, l.price_cents
FROM orders o JOIN users u ON u.id = o.user_id JOIN order_lines l ON l.order_id = o.id;
