-- One sign-in, or one pair of tokens, each. Times are milliseconds since the epoch but for `started` and
-- `issued`, which are seconds.
CREATE TABLE IF NOT EXISTS mizan_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    parent TEXT,
    refresh TEXT,
    started BIGINT NOT NULL,
    label TEXT NOT NULL,
    ends BIGINT NOT NULL,
    -- The last exchange of a refresh token: the token before, when its successor was made, until when it may come
    -- once more, and which attempts have rotated and repeated it.
    last_refresh TEXT,
    issued BIGINT,
    grace_ends BIGINT,
    rotated_by TEXT,
    repeated_by TEXT
);

CREATE INDEX IF NOT EXISTS mizan_sessions_parent ON mizan_sessions (parent, ends) WHERE parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS mizan_sessions_subject ON mizan_sessions (subject, ends);
CREATE INDEX IF NOT EXISTS mizan_sessions_ends ON mizan_sessions (ends);
