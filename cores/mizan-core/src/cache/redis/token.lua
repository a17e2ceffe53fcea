#!lua flags=allow-oom
-- What may happen to the tokens of one context; the same as `Change::apply` in token.rs.
--
-- KEYS: the broad token, then narrower ones. ARGV: op (B begin, E end, R resolve, C cancel, J join),
-- id of the mutation, a fresh generation, lease, time to live of an open token, settle (ms each),
-- build, how long a build is remembered (ms), and 1 where the broad token itself is meant.
--
-- An open token is `G<generation>`, a marked one `P;<generation or ->;<id>@<until>;…`. The broad
-- token has `|<build>@<joined>` behind that for each build that reads by it.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local op, me, fresh = ARGV[1], ARGV[2], ARGV[3]
local lease, ttl, settle = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local build, memory = ARGV[7], tonumber(ARGV[8])

local function at(who, when) return who .. '@' .. string.format('%.0f', when) end
local function remembered(other, joined) return other == build or tonumber(joined) + memory > now end
-- Whether another build stands there; however long ago it joined, it may read by it still.
local function foreign(text)
  for other in string.gmatch(text or '', '|(%w+)@%d+') do
    if other ~= build then return true end
  end
  return false
end

local first = redis.call('GET', KEYS[1])
-- The broad token is touched too where it has a mark of this mutation, or where a build reads that
-- may not know the narrower ones, or may begin to while the token is absent.
local wide = ARGV[9] == '1'
  or (op == 'B' and not first)
  or (first and (string.find(first, ';' .. me .. '@', 1, true) ~= nil or foreign(first)))

for i, key in ipairs(KEYS) do
  if i > 1 or wide then
    local s = first
    if i > 1 then s = redis.call('GET', key) end
    local head, tail = s or '', ''
    local bar = string.find(head, '|', 1, true)
    if bar then head, tail = string.sub(head, 1, bar - 1), string.sub(head, bar) end
    local marked = string.byte(head) == 80
    local builds, joins = '', op == 'J'
    if i == 1 then
      for other, joined in string.gmatch(tail, '|(%w+)@(%d+)') do
        if op == 'J' and other ~= build or op ~= 'J' and remembered(other, joined) then
          builds = builds .. '|' .. other .. '@' .. joined
        end
        -- It stands there already, so no mutation misses it.
        if other == build then joins = false end
      end
      if not s or op == 'J' then builds = builds .. '|' .. at(build, now) end
    end

    local last, live, dead, mine = '-', {}, false, false
    if marked then
      last = string.match(head, '^P;([^;]*)')
      for id, till in string.gmatch(head, ';(%w+)@(%d+)') do
        -- What was sent twice finds its own lease, which a join leaves as it is.
        if id == me and op ~= 'J' then mine = true
        elseif tonumber(till) > now then live[#live + 1] = id .. '@' .. till
        else dead = true end
      end
      -- A mutation that died may have changed something.
      if dead then last = '-' end
    elseif s then
      last = string.sub(head, 2)
    end

    local write = true
    if op == 'B' or joins then
      live[#live + 1] = at(me, now + lease)
      if joins then last = '-' end
    elseif op == 'E' then
      last = fresh
      if settle > 0 then live[#live + 1] = at(me, now + settle) end
    elseif op == 'R' then
      write = marked and (#live == 0 or dead)
      if #live == 0 then last = '-' end
    elseif op == 'C' then
      write = mine and not (i == 1 and foreign(tail))
    end

    if write and #live > 0 then
      redis.call('SET', key, 'P;' .. last .. ';' .. table.concat(live, ';') .. builds)
    elseif write then
      if last == '-' then last = fresh end
      redis.call('SET', key, 'G' .. last .. builds, 'PX', ttl)
    end
  end
end
return 1
