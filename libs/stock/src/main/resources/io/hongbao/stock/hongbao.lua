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

-- Each of these tells users[first] to users[last] of one packet their fates, in their order: appends {result, number} of each
-- to answers. What is the same for all of them is read once, and what adds up is written once.

-- The number is the end of the lease (ms), or 0.
local function grab(answers, packet, seats, users, first, last, now, group, lease_ms)
  local p = redis.call('HMGET', packet, 'group', 'user', 'mark', 'expires_at', 'stock')
  local owner_group, only_user, mark, expires_at, stock = p[1], p[2], p[3], p[4], tonumber(p[5])
  if only_user == '' then
    only_user = nil
  end
  local to_all
  if not mark and not expires_at then
    to_all = UNKNOWN
  elseif owner_group and owner_group ~= '' and owner_group ~= group then
    to_all, only_user = OTHER_GROUP, nil
  elseif mark then
    to_all = tonumber(mark)
  elseif now >= tonumber(expires_at) then
    to_all = PAST_EXPIRY
  end
  local lease_until = now + lease_ms
  local change, reclaimed_all = 0, false
  local was_empty = not to_all and redis.call('ZCARD', seats) == 0
  for i = first, last do
    local user = users[i]
    local result, number = to_all, 0
    if only_user and only_user ~= user then
      result = NOT_FOR_YOU
    elseif not to_all then
      -- Who has no seat takes one while there is stock: the usual grab, and one command.
      if stock + change > 0 and redis.call('ZADD', seats, 'NX', lease_until, user) == 1 then
        change = change - 1
        result, number = LEASED, lease_until
      else
        local seat = tonumber(redis.call('ZSCORE', seats, user) or nil)
        if seat == OPENED then
          result = ALREADY_OPENED
        elseif seat and seat > now then
          result, number = REPLAY, seat
        elseif seat then
          -- The user's own lease ran out and nobody took the slot: it is renewed, and the stock stays as it is.
          redis.call('ZADD', seats, lease_until, user)
          result, number = LEASED, lease_until
        else
          if not reclaimed_all then
            local lapsed = redis.call('ZRANGEBYSCORE', seats, '-inf', now, 'LIMIT', 0, RECLAIM_MAX)
            if #lapsed > 0 then
              redis.call('ZREM', seats, unpack(lapsed))
              change = change + #lapsed
            end
            reclaimed_all = #lapsed < RECLAIM_MAX
          end
          if stock + change > 0 then
            redis.call('ZADD', seats, lease_until, user)
            change = change - 1
            result, number = LEASED, lease_until
          else
            result = SOLD_OUT
          end
        end
      end
    end
    answers[#answers + 1] = result
    answers[#answers + 1] = number
  end
  if change ~= 0 then
    redis.call('HINCRBY', packet, 'stock', change)
  end
  -- A key that was there keeps its end; the seats may also have been emptied and filled again.
  if not to_all and (was_empty or change >= 0) then
    redis.call('PEXPIREAT', seats, tonumber(expires_at) + GRACE_MS)
  end
end

-- Shares of these users are open: the lease of each is used up, or, without one, a slot of the stock. The result is DONE or
-- UNCHANGED, the number 0.
local function opened(answers, packet, seats, users, first, last)
  local p = redis.call('HMGET', packet, 'mark', 'expires_at', 'share_count', 'opened')
  local ignored = p[1] or not p[2]
  -- No more users are remembered than there are shares, whatever the events say.
  local room = ignored and 0 or tonumber(p[3]) - tonumber(p[4])
  local opened_count, unleased_count = 0, 0
  for i = first, last do
    local user = users[i]
    local result = UNCHANGED
    if opened_count < room then
      local seat = redis.call('ZSCORE', seats, user)
      if not seat or tonumber(seat) ~= OPENED then
        redis.call('ZADD', seats, OPENED, user)
        opened_count = opened_count + 1
        unleased_count = unleased_count + (seat and 0 or 1)
        result = DONE
      end
    end
    answers[#answers + 1] = result
    answers[#answers + 1] = 0
  end
  if opened_count > 0 then
    redis.call('PEXPIREAT', seats, tonumber(p[2]) + GRACE_MS)
    redis.call('HINCRBY', packet, 'opened', opened_count)
    if unleased_count > 0 then
      redis.call('HINCRBY', packet, 'stock', -unleased_count)
    end
  end
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

local function warn(why)
  redis.log(redis.LOG_WARNING, 'hongbao: ' .. (type(why) == 'table' and tostring(why.err) or tostring(why)))
end

local function guarded(f)
  return function(keys, args)
    local fine, answer = pcall(f, keys, args)
    if fine then
      return answer
    end
    warn(answer)
    return {FAILED, 0}
  end
end

-- Many users of many packets in one call. keys: the two keys of each packet. args: lease (ms) or 0, then for each packet its
-- group or '', the number of users, and the users. Answers {result, number} of each user, one after the other.
local function many(f)
  return function(keys, args)
    local answers, now, lease_ms, at = {}, now_ms(), tonumber(args[1]), 2
    for k = 1, #keys, 2 do
      local first, answered = at + 2, #answers
      local last = at + 1 + tonumber(args[at + 1])
      local fine, why = pcall(f, answers, keys[k], keys[k + 1], args, first, last, now, args[at], lease_ms)
      if not fine then
        warn(why)
        for i = 1, 2 * (last - first + 1), 2 do
          answers[answered + i], answers[answered + i + 1] = FAILED, 0
        end
      end
      at = last + 1
    end
    return answers
  end
end

-- One user. args: user, group, lease (ms). Pods of the version before call it during a rollout.
local function grab_one(keys, args)
  local answer = {}
  grab(answer, keys[1], keys[2], args, 1, 1, now_ms(), args[2], tonumber(args[3]))
  return answer
end

-- One user. args: user. Pods of the version before call it during a rollout.
local function opened_one(keys, args)
  local answer = {}
  opened(answer, keys[1], keys[2], args, 1, 1)
  return answer
end

redis.register_function('hb_grab_many', many(grab))
redis.register_function('hb_opened_many', many(opened))
redis.register_function('hb_grab', guarded(grab_one))
redis.register_function('hb_publish', guarded(publish))
redis.register_function('hb_opened', guarded(opened_one))
redis.register_function('hb_finish', guarded(finish))
redis.register_function('hb_heal', guarded(heal))
redis.register_function('hb_enter', guarded(enter))
