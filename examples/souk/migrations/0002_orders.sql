CREATE TABLE basket_lines (
    user_id BIGINT NOT NULL REFERENCES users (id),
    good_id BIGINT NOT NULL REFERENCES goods (id),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (user_id, good_id)
);

CREATE TABLE orders (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    -- Seconds since 1970.
    placed_at BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'paid'))
);

CREATE INDEX orders_user ON orders (user_id);

-- What was bought keeps the name and the price that it had on that day.
CREATE TABLE order_lines (
    order_id BIGINT NOT NULL REFERENCES orders (id),
    good_id BIGINT NOT NULL REFERENCES goods (id),
    good TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    price_cents BIGINT NOT NULL,
    PRIMARY KEY (order_id, good_id)
);

-- One row: the last number given to an order. Numbers without gaps, and the same words for both
-- databases, whose own counters differ.
CREATE TABLE order_counter (
    last BIGINT NOT NULL
);

INSERT INTO order_counter (last) VALUES (1000);
