import { script } from "./scripts.ts";

/**
 * A context is one sorted set, so that a hit is one native command (ADR 0030). In falling order:
 * - `complete` or `complete <until, ms>` (+inf): without it, a miss;
 * - contents, score = time: `<first_received_at> <position> <message_id> <revision> <json>`;
 * - the horizon, shaped like the beginning of a content: every message above it is held, older ones may
 *   exist and are not. None: the person's whole history is held;
 * - `#<message_id>` (score = -time): finds a content by id; alone it is a tombstone;
 * - `=<generation> <born, ms>` and, while a fill is under way, `~<lease>` (-inf).
 */
const LIBRARY = `
local key = KEYS[1]

local function fields(member)
  local position, id, revision = string.match(member, '^(%S+ %S+ (%S+)) (%d+) ')
  return position, id, tonumber(revision)
end

local function control()
  local generation, born, lease
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '-inf')) do
    if string.sub(member, 1, 1) == '=' then
      generation, born = string.match(member, '^=(%d+) (%d+)$')
    else
      lease = member
    end
  end
  return tonumber(generation), tonumber(born), lease
end

-- Generation and birth are written once, when the context begins.
local function begin(generation, now)
  redis.call('ZADD', key, '-inf', '=' .. generation .. ' ' .. now)
end

-- Contents with their ids, and horizons.
local function drop(members)
  local gone = {}
  for _, member in ipairs(members) do
    local _, id = fields(member)
    gone[#gone + 1] = member
    if id then gone[#gone + 1] = '#' .. id end
  end
  if gone[1] then redis.call('ZREM', key, unpack(gone)) end
end

local function held(id)
  local negative = redis.call('ZSCORE', key, '#' .. id)
  if not negative then return nil, false end
  local score = string.sub(negative, 2)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, score, score)) do
    local _, member_id = fields(member)
    if member_id == id then return member, true end
  end
  return nil, true
end

-- content '' is a tombstone: deletion is terminal. At equal revisions a row wins, a message does not.
local function put(id, score, revision, content, is_row)
  local present, known = held(id)
  if known and not present then return 'older' end
  if present then
    local _, _, present_revision = fields(present)
    if content ~= '' and present_revision > revision then return 'older' end
    if content ~= '' and present_revision == revision and not is_row then return 'applied' end
    redis.call('ZREM', key, present)
  end
  if content ~= '' then redis.call('ZADD', key, score, content) end
  redis.call('ZADD', key, '-' .. score, '#' .. id)
  return 'applied'
end

-- The horizon is the lowest of what is not an id or control, unless something was added below it since.
local function horizon_of()
  local lowest = redis.call('ZRANGEBYSCORE', key, '(0', '(+inf', 'LIMIT', 0, 1)[1]
  if lowest and not fields(lowest) then return lowest end
end

local function drop_below(horizon)
  local first, rank = redis.call('ZCOUNT', key, '-inf', 0), redis.call('ZRANK', key, horizon)
  if rank > first then drop(redis.call('ZRANGE', key, first, rank - 1)) end
end

-- Drops what lies below the horizon; over the cap, drops the oldest and raises the horizon to the last of them.
local function settle(cap, horizon)
  if horizon then drop_below(horizon) end
  local markers = horizon and 1 or 0
  local surplus = redis.call('ZCOUNT', key, '(0', '(+inf') - markers - cap
  if surplus > 0 then
    local oldest = redis.call('ZRANGEBYSCORE', key, '(0', '(+inf', 'WITHSCORES', 'LIMIT', markers, surplus)
    local gone = { horizon }
    for at = 1, #oldest, 2 do gone[#gone + 1] = oldest[at] end
    drop(gone)
    horizon = (fields(gone[#gone]))
    redis.call('ZADD', key, oldest[#oldest], horizon)
  end
  if horizon then
    -- Whatever lies below is refused, so its tombstones are not needed.
    redis.call('ZREMRANGEBYSCORE', key, '(-' .. redis.call('ZSCORE', key, horizon), '(0')
  end
end

-- Tombstones of a history without a horizon must not grow for ever: start anew.
local function overgrown(cap)
  return redis.call('ZCOUNT', key, '(-inf', '(0') > 4 * cap
end
`;

/**
 * One person's new messages, in order, each id once; none at all drops the context.
 * KEYS context, session. ARGV generation, now (ms), context's life (s), cap, session's life (s), session_id ('' leaves
 * the session as it is) and last_activity of the latest, then id, score, revision, content of each message. Answers with
 * an outcome for each.
 *
 * Every call of a command costs as much as the rest of a message's work, so what can be asked once is asked once, and
 * `settle` runs only where something can lie below a horizon or above the cap.
 */
export const writeScript = script(`${LIBRARY}
local generation, now, life, cap = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local FIRST, COUNT = 8, (#ARGV - 7) / 4

local function all(outcome)
  local outcomes = {}
  for nth = 1, math.max(COUNT, 1) do outcomes[nth] = outcome end
  return outcomes
end

local session = redis.call('HMGET', KEYS[2], 'generation', 'last_activity')
local session_generation, last = tonumber(session[1]), session[2]
if not session_generation or session_generation <= generation then
  if session_generation and session_generation < generation then
    redis.call('DEL', KEYS[2])
    last = false
  end
  if ARGV[6] == '' then
    redis.call('HSET', KEYS[2], 'generation', ARGV[1])
  elseif not last or last <= ARGV[7] then
    redis.call('HSET', KEYS[2], 'session_id', ARGV[6], 'last_activity', ARGV[7], 'generation', ARGV[1])
  end
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end

local present, _, lease = control()
if present and present > generation then return all('older') end
if COUNT == 0 then
  redis.call('DEL', key)
  return all('invalidated')
end
if present and present < generation then
  redis.call('DEL', key)
  present, lease = nil, nil
end
if lease then redis.call('ZREM', key, lease) end

local outcomes, ids, added, horizon = {}, {}, {}, nil
for nth = 1, COUNT do ids[nth] = '#' .. ARGV[FIRST + (nth - 1) * 4] end
local known = {}
if present then
  known = redis.call('ZMSCORE', key, unpack(ids))
  horizon = horizon_of()
else
  added = { '-inf', '=' .. ARGV[1] .. ' ' .. now }
end
for nth = 1, COUNT do
  local at = FIRST + (nth - 1) * 4
  if known[nth] then
    outcomes[nth] = put(ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3], false)
  else
    local size = #added
    added[size + 1], added[size + 2] = ARGV[at + 1], ARGV[at + 3]
    added[size + 3], added[size + 4] = '-' .. ARGV[at + 1], ids[nth]
    outcomes[nth] = 'applied'
  end
end
if added[1] then redis.call('ZADD', key, unpack(added)) end

-- Each content has an id and the generation is a member too: with fewer members no more than the cap are held.
if horizon or redis.call('ZCARD', key) > 2 * cap + 1 then
  settle(cap, horizon)
  if overgrown(cap) then
    redis.call('DEL', key)
    return all('invalidated')
  end
  local left = redis.call('ZMSCORE', key, unpack(ids))
  for nth = 1, COUNT do
    if not left[nth] then outcomes[nth] = 'older' end
  end
end
redis.call('EXPIRE', key, life)
return outcomes
`);

/** KEYS context. ARGV generation, context's life (s), cap, id, score, revision, content ('' where deleted). */
export const applyScript = script(`${LIBRARY}
local generation, life, cap = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local present, _, lease = control()
if not present or present > generation then return 0 end
if present < generation then
  redis.call('DEL', key)
  return 0
end
if lease then redis.call('ZREM', key, lease) end
local horizon = horizon_of()
put(ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7], true)
settle(cap, horizon)
if overgrown(cap) then
  redis.call('DEL', key)
  return 0
end
redis.call('EXPIRE', key, life)
return 1
`);

/** KEYS context. ARGV generation, now (ms), context's life (s), token. */
export const beginFillScript = script(`${LIBRARY}
local generation = tonumber(ARGV[1])
local present, _, lease = control()
if present and present > generation then return 0 end
if present and present < generation then
  redis.call('DEL', key)
  present, lease = nil, nil
end
if not present then
  begin(ARGV[1], ARGV[2])
  redis.call('EXPIRE', key, ARGV[3])
end
if lease then redis.call('ZREM', key, lease) end
redis.call('ZADD', key, '-inf', '~' .. ARGV[4])
return 1
`);

/**
 * KEYS context. ARGV generation, now (ms), context's life (s), cap, token, time in flight (ms), horizon's score and
 * position ('' where the rows are the whole history), then id, score, revision, content of each row.
 * A context younger than the time in flight may lack a message that was evicted between its cache write and
 * its row write: it is complete only until that row must be there.
 */
export const commitFillScript = script(`${LIBRARY}
local generation, now, life, cap = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local present, born, lease = control()
if present ~= generation or lease ~= '~' .. ARGV[5] then return 0 end
redis.call('ZREM', key, lease)
local horizon = horizon_of()
if ARGV[8] ~= '' and ARGV[8] ~= horizon then
  redis.call('ZADD', key, ARGV[7], ARGV[8])
  if horizon and redis.call('ZRANK', key, ARGV[8]) < redis.call('ZRANK', key, horizon) then
    redis.call('ZREM', key, ARGV[8])
  else
    horizon = ARGV[8]
    drop_below(horizon)
  end
end
for at = 9, #ARGV, 4 do
  put(ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3], true)
end
settle(cap, horizon)
if overgrown(cap) then
  redis.call('DEL', key)
  return 0
end
redis.call('ZREMRANGEBYSCORE', key, '+inf', '+inf')
local until_ms = born + tonumber(ARGV[6])
redis.call('ZADD', key, '+inf', now < until_ms and string.format('complete %.0f', until_ms) or 'complete')
redis.call('EXPIRE', key, life)
return 1
`);
