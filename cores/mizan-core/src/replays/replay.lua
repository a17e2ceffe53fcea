-- What is known of the key of a call. One operation at a time, each at once.
--
-- KEYS is the name of the key. ARGV is the operation, the token of the call, and what the operation needs. A hash holds
-- `content` (what is called), `token` (who owns the key) and, once the call has ended, `given`.
local key, op, token = KEYS[1], ARGV[1], ARGV[2]
local known = redis.call('HMGET', key, 'content', 'token', 'given')
local content, owner, given = known[1], known[2], known[3]
if op == 'claim' then
  if not content then
    redis.call('HSET', key, 'content', ARGV[3], 'token', token)
    redis.call('PEXPIRE', key, ARGV[4])
    return { 'free', '' }
  elseif content ~= ARGV[3] then
    return { 'other', '' }
  elseif given then
    return { 'ended', given }
  elseif owner == token then
    -- The same claim once more, over another connection.
    redis.call('PEXPIRE', key, ARGV[4])
    return { 'free', '' }
  end
  return { 'running', '' }
elseif op == 'keep' then
  -- After its lease another call may have taken the key.
  if not content or owner == token then
    redis.call('HSET', key, 'content', ARGV[3], 'token', token, 'given', ARGV[5])
    redis.call('PEXPIRE', key, ARGV[4])
  end
elseif owner == token and not given then
  if op == 'renew' then
    redis.call('PEXPIRE', key, ARGV[4])
  elseif op == 'release' then
    redis.call('DEL', key)
  end
end
return { 'done', '' }
