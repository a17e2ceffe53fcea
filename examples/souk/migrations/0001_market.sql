-- Words that SQLite and PostgreSQL both read. Every whole number is a BIGINT, so that one Rust type
-- reads it from both.

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    city TEXT NOT NULL,
    bio TEXT NOT NULL,
    email TEXT NOT NULL
);

CREATE TABLE stalls (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL UNIQUE REFERENCES users (id),
    name TEXT NOT NULL,
    tagline TEXT NOT NULL,
    about TEXT NOT NULL,
    category TEXT NOT NULL,
    hue BIGINT NOT NULL CHECK (hue BETWEEN 0 AND 359)
);

CREATE INDEX stalls_category ON stalls (category);

CREATE TABLE goods (
    id BIGINT PRIMARY KEY,
    stall_id BIGINT NOT NULL REFERENCES stalls (id),
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    price_cents BIGINT NOT NULL CHECK (price_cents > 0),
    in_stock BIGINT NOT NULL CHECK (in_stock >= 0),
    blurb TEXT NOT NULL
);

CREATE INDEX goods_stall ON goods (stall_id);

CREATE TABLE photos (
    id BIGINT PRIMARY KEY,
    stall_id BIGINT NOT NULL REFERENCES stalls (id),
    caption TEXT NOT NULL,
    hue BIGINT NOT NULL CHECK (hue BETWEEN 0 AND 359),
    pattern TEXT NOT NULL CHECK (pattern IN ('lattice', 'waves', 'tiles', 'dots'))
);

CREATE INDEX photos_stall ON photos (stall_id);
