-- What may happen to sessions; the same as `MemorySessions` does.
--
-- KEYS: what stands before every key. ARGV: op, then what it needs:
-- find <id> | first <id>… | keep <id> <ms> <subject> <parent> <refresh> <started> <label> <most> | end <id>
-- | exchange <id> <ms> <last> <next> <issued> <grace ms> <attempt> | of <subject> <skip> <count>
-- | endall <subject> <batch>
--
-- `id:<id>` is a session: a hash of `subject`, `started`, `label`, and `parent` and `refresh` where
-- they are not empty. After an exchange there are also `last`, the token before; `until`, when that may
-- no longer come once more; `issued`, when its successor was made; and the attempts that exchanged it
-- (`by`) and that had it `again`.
--
-- `of:<subject>`, `roots:<subject>` (what depends on none) and `children:<id>` are indexes:
-- ids by the time at which they end, which live as long as the last of them. Every loop is bounded: by `most`
-- of what depends on a session, by a page, or by a batch.
local prefix, op, id = KEYS[1], ARGV[1], ARGV[2]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function session(id) return prefix .. 'id:' .. id end
local function children(id) return prefix .. 'children:' .. id end
local function of(subject) return prefix .. 'of:' .. subject end
local function roots(subject) return prefix .. 'roots:' .. subject end
local function field(id, name) return redis.call('HGET', session(id), name) end
local function is_live(id) return redis.call('EXISTS', session(id)) == 1 end

-- Enters an id, or its new end, into an index.
local function list(index, id, till)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now))
  redis.call('ZADD', index, string.format('%.0f', till), id)
  local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', index, last)
end

-- The index among whose ids a session is counted: that of its parent, or of its subject.
local function siblings(subject, parent)
  if parent and parent ~= '' then return children(parent) end
  return roots(subject)
end

-- Lets a session live for so long from now, in the indexes too.
local function extend(id, time)
  redis.call('PEXPIRE', session(id), time)
  local subject = field(id, 'subject')
  list(of(subject), id, now + time)
  list(siblings(subject, field(id, 'parent')), id, now + time)
end

local function remove(id)
  local subject, parent = field(id, 'subject'), field(id, 'parent')
  redis.call('DEL', session(id))
  if subject then
    redis.call('ZREM', of(subject), id)
    redis.call('ZREM', siblings(subject, parent), id)
  end
end

-- Removes a session, and what depends on it.
local function finish(id)
  for _, child in ipairs(redis.call('ZRANGE', children(id), 0, -1)) do
    if field(child, 'parent') == id then remove(child) end
  end
  redis.call('DEL', children(id))
  remove(id)
end

-- Makes room for one more where there are so many already: the ones that end first go. A bound that was lowered is
-- reached by and by.
local function room(index, most)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now))
  local many = math.min(redis.call('ZCARD', index) + 1 - most, 64)
  if many < 1 then return end
  for _, first in ipairs(redis.call('ZRANGE', index, 0, many - 1)) do
    finish(first)
    redis.call('ZREM', index, first)
  end
end

if op == 'find' then
  return redis.call('HGETALL', session(id))
elseif op == 'first' then
  for at = 2, #ARGV do
    if is_live(ARGV[at]) then return { at - 2, redis.call('HGETALL', session(ARGV[at])) } end
  end
  return { 0, {} }
elseif op == 'keep' then
  local parent, refresh = ARGV[5], ARGV[6]
  if parent ~= '' and not is_live(parent) then return 0 end
  remove(id)
  room(siblings(ARGV[4], parent), tonumber(ARGV[9]))
  redis.call('HSET', session(id), 'subject', ARGV[4], 'started', ARGV[7], 'label', ARGV[8])
  if parent ~= '' then redis.call('HSET', session(id), 'parent', parent) end
  if refresh ~= '' then redis.call('HSET', session(id), 'refresh', refresh) end
  extend(id, tonumber(ARGV[3]))
elseif op == 'end' then
  finish(id)
elseif op == 'endall' then
  local index = of(id)
  for _, own in ipairs(redis.call('ZRANGE', index, 0, tonumber(ARGV[3]) - 1)) do
    finish(own)
    redis.call('ZREM', index, own)
  end
  return redis.call('ZCARD', index)
elseif op == 'exchange' then
  if not is_live(id) then return { 'gone', '', 0 } end
  local last, following, issued, grace, attempt = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
  local good = field(id, 'refresh')
  -- What was sent twice, because the answer got lost, finds its own exchange.
  if field(id, 'by') == attempt then return { 'done', '', 0 } end
  if good == last then
    redis.call('HSET', session(id), 'refresh', following, 'last', last, 'until', string.format('%.0f', now + grace),
      'issued', issued, 'by', attempt)
    redis.call('HDEL', session(id), 'again')
    extend(id, tonumber(ARGV[3]))
    return { 'done', '', 0 }
  end
  local again = field(id, 'again')
  if again ~= attempt then
    local grace_ends = field(id, 'until')
    local may_repeat = good and grace_ends and not again and field(id, 'last') == last
      and now < tonumber(grace_ends)
    if not may_repeat then return { 'reused', '', 0 } end
    redis.call('HSET', session(id), 'again', attempt)
  end
  return { 'again', good, tonumber(field(id, 'issued')) }
elseif op == 'of' then
  local found, index = {}, of(id)
  local skip, count = tonumber(ARGV[3]), tonumber(ARGV[4])
  redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now))
  for _, own in ipairs(redis.call('ZREVRANGE', index, skip, skip + count - 1)) do
    local parent = field(own, 'parent')
    -- What is lost keeps its place: the next page would skip a session if the ids moved up.
    if is_live(own) and not (parent and not is_live(parent)) then
      found[#found + 1] = { own, redis.call('HGETALL', session(own)) }
    end
  end
  return found
end
return 1
