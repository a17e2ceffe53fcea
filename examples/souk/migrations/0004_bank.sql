-- What the bank has said already. It repeats a delivery until it is answered.
CREATE TABLE bank_deliveries (
    id TEXT PRIMARY KEY,
    -- Seconds since 1970.
    received_at BIGINT NOT NULL
);

CREATE INDEX bank_deliveries_received ON bank_deliveries (received_at);
