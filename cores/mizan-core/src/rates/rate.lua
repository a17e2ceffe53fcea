-- Counts runs of several rates at once: all of them, or none where one has no room.
--
-- KEYS are the counted callers. ARGV is the time in microseconds, or '' for that of the server, and for each key the
-- number of runs, the microseconds of one, and the number that may come at once. What is kept is the time at which
-- everything that was counted is used up (GCRA). The answer is 0, or the microseconds to wait.
local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[1])
end
local after, wait = {}, 0
for i, key in ipairs(KEYS) do
  local runs, step, most = tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3]), tonumber(ARGV[i * 3 + 1])
  local known = tonumber(redis.call('GET', key) or now)
  -- Never later than a full count from now: the clock may have been set back.
  known = math.min(math.max(known, now), now + most * step)
  after[i] = known + runs * step
  wait = math.max(wait, after[i] - now - most * step)
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', after[i]), 'PX', math.ceil((after[i] - now) / 1000))
end
return 0
