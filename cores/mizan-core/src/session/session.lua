-- What may happen to sessions; the same as `MemorySessions` does.
--
-- KEYS: what stands before every key. ARGV: op, then what it needs:
-- find <id> | keep <id> <ms> <subject> <parent> <refresh> <started> <label> | end <id>
-- | exchange <id> <ms> <last> <next> | of <subject>
--
-- `id:<id>` is a session: a hash of `subject`, `started`, `label`, and `parent` and `refresh` where
-- they are not empty. `children:<id>` and `of:<subject>` are indexes: ids by the time at which they
-- end, which live as long as the last of them.
local prefix, op, id = KEYS[1], ARGV[1], ARGV[2]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function session(id) return prefix .. 'id:' .. id end
local function children(id) return prefix .. 'children:' .. id end
local function of(subject) return prefix .. 'of:' .. subject end
local function field(id, name) return redis.call('HGET', session(id), name) end
local function is_live(id) return redis.call('EXISTS', session(id)) == 1 end

-- Enters an id, or its new end, into an index.
local function list(index, id, till)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now))
  redis.call('ZADD', index, string.format('%.0f', till), id)
  local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', index, last)
end

-- Lets a session live for so long from now, in the indexes too.
local function extend(id, time)
  redis.call('PEXPIRE', session(id), time)
  list(of(field(id, 'subject')), id, now + time)
  local parent = field(id, 'parent')
  if parent then list(children(parent), id, now + time) end
end

local function remove(id)
  local subject, parent = field(id, 'subject'), field(id, 'parent')
  redis.call('DEL', session(id))
  if subject then redis.call('ZREM', of(subject), id) end
  if parent then redis.call('ZREM', children(parent), id) end
end

if op == 'find' then
  return redis.call('HGETALL', session(id))
elseif op == 'keep' then
  local parent, refresh = ARGV[5], ARGV[6]
  if parent ~= '' and not is_live(parent) then return 0 end
  remove(id)
  redis.call('HSET', session(id), 'subject', ARGV[4], 'started', ARGV[7], 'label', ARGV[8])
  if parent ~= '' then redis.call('HSET', session(id), 'parent', parent) end
  if refresh ~= '' then redis.call('HSET', session(id), 'refresh', refresh) end
  extend(id, tonumber(ARGV[3]))
elseif op == 'end' then
  for _, child in ipairs(redis.call('ZRANGE', children(id), 0, -1)) do
    if field(child, 'parent') == id then remove(child) end
  end
  redis.call('DEL', children(id))
  remove(id)
elseif op == 'exchange' then
  if not is_live(id) then return 'gone' end
  local good, last, following = field(id, 'refresh'), ARGV[4], ARGV[5]
  -- What was sent twice, because the answer got lost, finds its own token.
  if good ~= last and good ~= following then return 'reused' end
  redis.call('HSET', session(id), 'refresh', following)
  extend(id, tonumber(ARGV[3]))
  return 'done'
elseif op == 'of' then
  local found, index = {}, of(id)
  for _, own in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local parent = field(own, 'parent')
    if is_live(own) and not (parent and not is_live(parent)) then
      found[#found + 1] = { own, redis.call('HGETALL', session(own)) }
    else
      remove(own)
      redis.call('ZREM', index, own)
    end
  end
  return found
end
return 1
