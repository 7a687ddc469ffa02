#!lua name=hongbao

-- The stock of packets: how many grabs may still be let through to the open. It is a filter, never the truth: a stock
-- that is wrong costs a refusal or a useless try, and no money.
--
-- Two keys per packet, in one hash slot, and a third while several pods open it:
--   hb:{<packet id>}:packet   hash    group, user (of an exclusive packet, or ''), share_count, expires_at (ms),
--                                     stock (what may still be leased; below 0 while more was opened than was leased
--                                     here), opened (how many shares are known to be open),
--                                     mark (only once the packet is final: FINISHED or REFUNDED)
--   hb:{<packet id>}:seats    zset    user -> end of the lease (ms), or OPENED
--   hb:{<packet id>}:pods     zset    pod -> end of its place (ms)
--
-- While a packet has no mark: stock + seats leased (run out or not) + opened = share_count.
-- A function never fails for the sake of one packet: it answers FAILED, so that a pipeline of others goes on.
-- Pods of two versions share this library during a rollout: functions keep their arguments and their answers.

local UNKNOWN, LEASED, REPLAY, SOLD_OUT, PAST_EXPIRY, ALREADY_OPENED, NOT_FOR_YOU, OTHER_GROUP = 0, 1, 2, 3, 4, 5, 6, 7
local FINISHED, REFUNDED = 8, 9
local DONE, UNCHANGED = 1, 2
local FAILED = -1

-- Later than any lease, and exact in a double: a share that is open never runs out.
local OPENED = 9007199254740991

-- Keys outlive the packet by this much, so that late events and grabs still meet a mark.
local GRACE_MS = 3600000

-- A mark without a packet stays this long: the longest life of a packet and the grace.
local MARK_MS = 90000000

-- Leases given back in one call. One is enough for the caller; the bound keeps the call short for everybody else.
local RECLAIM_MAX = 16

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- args: user, group, lease (ms). Answers {result, end of the lease (ms) or 0}.
local function grab(keys, args)
  local packet, seats = keys[1], keys[2]
  local user, group = args[1], args[2]
  local p = redis.call('HMGET', packet, 'group', 'user', 'mark', 'expires_at', 'stock')
  local owner_group, only_user, mark, expires_at, stock = p[1], p[2], p[3], p[4], p[5]
  if not mark and not expires_at then
    return {UNKNOWN, 0}
  end
  if owner_group and owner_group ~= '' and owner_group ~= group then
    return {OTHER_GROUP, 0}
  end
  if only_user and only_user ~= '' and only_user ~= user then
    return {NOT_FOR_YOU, 0}
  end
  if mark then
    return {tonumber(mark), 0}
  end
  local now = now_ms()
  if now >= tonumber(expires_at) then
    return {PAST_EXPIRY, 0}
  end
  local seat = redis.call('ZSCORE', seats, user)
  if seat then
    seat = tonumber(seat)
    if seat == OPENED then
      return {ALREADY_OPENED, 0}
    end
    if seat > now then
      return {REPLAY, seat}
    end
    -- The user's own lease ran out and nobody took the slot: it is renewed, and the stock stays as it is.
  else
    stock = tonumber(stock)
    local change = 0
    if stock <= 0 then
      local lapsed = redis.call('ZRANGEBYSCORE', seats, '-inf', now, 'LIMIT', 0, RECLAIM_MAX)
      if #lapsed > 0 then
        redis.call('ZREM', seats, unpack(lapsed))
        change = #lapsed
      end
    end
    if stock + change <= 0 then
      if change > 0 then
        redis.call('HINCRBY', packet, 'stock', change)
      end
      return {SOLD_OUT, 0}
    end
    if change ~= 1 then
      redis.call('HINCRBY', packet, 'stock', change - 1)
    end
  end
  local lease_until = now + tonumber(args[3])
  redis.call('ZADD', seats, lease_until, user)
  redis.call('PEXPIREAT', seats, tonumber(expires_at) + GRACE_MS)
  return {LEASED, lease_until}
end

local function load_packet(keys, args)
  local packet, seats = keys[1], keys[2]
  local share_count, surplus, expires_at = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  if expires_at + GRACE_MS <= now_ms() then
    return {UNCHANGED, 0}
  end
  redis.call('HSET', packet, 'group', args[1], 'user', args[2], 'share_count', share_count, 'expires_at', expires_at)
  redis.call('PEXPIREAT', packet, expires_at + GRACE_MS)
  if redis.call('HEXISTS', packet, 'mark') == 1 then
    return {UNCHANGED, 0}
  end
  redis.call('HSET', packet, 'stock', surplus, 'opened', share_count - surplus)
  redis.call('UNLINK', seats)
  return {DONE, surplus}
end

-- args: group, exclusive user or '', share_count, surplus, expires_at (ms). Never raises the stock of a packet that is
-- here. Answers {DONE or UNCHANGED, stock added}.
local function publish(keys, args)
  if redis.call('HEXISTS', keys[1], 'expires_at') == 1 then
    return {UNCHANGED, 0}
  end
  return load_packet(keys, args)
end

-- args: user. The share is open: its lease is used up, or, without one, a slot of the stock. Answers {DONE or UNCHANGED, 0}.
local function opened(keys, args)
  local packet, seats, user = keys[1], keys[2], args[1]
  local p = redis.call('HMGET', packet, 'mark', 'expires_at', 'share_count', 'opened')
  if p[1] or not p[2] then
    return {UNCHANGED, 0}
  end
  local seat = redis.call('ZSCORE', seats, user)
  if seat and tonumber(seat) == OPENED then
    return {UNCHANGED, 0}
  end
  -- No more users are remembered than there are shares, whatever the events say.
  if tonumber(p[4]) >= tonumber(p[3]) then
    return {UNCHANGED, 0}
  end
  redis.call('ZADD', seats, OPENED, user)
  redis.call('PEXPIREAT', seats, tonumber(p[2]) + GRACE_MS)
  redis.call('HINCRBY', packet, 'opened', 1)
  if not seat then
    redis.call('HINCRBY', packet, 'stock', -1)
  end
  return {DONE, 0}
end

-- args: FINISHED or REFUNDED, group or '' if the caller does not know it. Final: the first mark stays, also on a packet
-- that is not here yet. Answers {DONE or UNCHANGED, 0}.
local function finish(keys, args)
  local packet, seats = keys[1], keys[2]
  local p = redis.call('HMGET', packet, 'mark', 'expires_at', 'group')
  if p[1] then
    return {UNCHANGED, 0}
  end
  redis.call('HSET', packet, 'mark', tonumber(args[1]))
  if not p[3] and args[2] ~= '' then
    redis.call('HSET', packet, 'group', args[2])
  end
  if not p[2] then
    redis.call('PEXPIRE', packet, MARK_MS)
  end
  redis.call('HDEL', packet, 'stock', 'opened')
  redis.call('UNLINK', seats)
  return {DONE, 0}
end

-- args: as publish, from the order store. The stock becomes the surplus less the leases that live; a packet that is not
-- here is loaded; a mark stays. Answers {DONE or UNCHANGED, stock added}.
local function heal(keys, args)
  local packet, seats = keys[1], keys[2]
  local p = redis.call('HMGET', packet, 'mark', 'expires_at', 'stock')
  if p[1] then
    return {UNCHANGED, 0}
  end
  if not p[2] then
    return load_packet(keys, args)
  end
  local share_count, surplus, now = tonumber(args[3]), tonumber(args[4]), now_ms()
  redis.call('ZREMRANGEBYSCORE', seats, '-inf', now)
  local stock = surplus - redis.call('ZCOUNT', seats, '-inf', '(' .. string.format('%.0f', OPENED))
  redis.call('HSET', packet, 'stock', stock, 'opened', share_count - surplus)
  local added = stock - tonumber(p[3] or 0)
  return {added == 0 and UNCHANGED or DONE, added}
end

-- args: pod, how long a place is its (ms), how many pods there may be. Takes a place, or keeps the one it has for longer;
-- a pod that is gone loses its place by the clock. Answers {DONE or UNCHANGED, pods that have a place}.
local function enter(keys, args)
  local pods, pod, now = keys[1], args[1], now_ms()
  redis.call('ZREMRANGEBYSCORE', pods, '-inf', now)
  local count = redis.call('ZCARD', pods)
  if not redis.call('ZSCORE', pods, pod) then
    if count >= tonumber(args[3]) then
      return {UNCHANGED, count}
    end
    count = count + 1
  end
  redis.call('ZADD', pods, now + tonumber(args[2]), pod)
  redis.call('PEXPIRE', pods, args[2])
  return {DONE, count}
end

local function guarded(f)
  return function(keys, args)
    local fine, answer = pcall(f, keys, args)
    if fine then
      return answer
    end
    redis.log(redis.LOG_WARNING, 'hongbao: ' .. (type(answer) == 'table' and tostring(answer.err) or tostring(answer)))
    return {FAILED, 0}
  end
end

redis.register_function('hb_grab', guarded(grab))
redis.register_function('hb_publish', guarded(publish))
redis.register_function('hb_opened', guarded(opened))
redis.register_function('hb_finish', guarded(finish))
redis.register_function('hb_heal', guarded(heal))
redis.register_function('hb_enter', guarded(enter))
