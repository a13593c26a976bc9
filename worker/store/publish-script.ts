/**
 * The only way in which anything is written to a project's keys: atomically, and never over a newer version.
 *
 * KEYS: enabled, policy, version.
 * ARGV: version, document, enabled, enabled until (epoch ms), the document's lifetime (ms), the version's lifetime (ms),
 * the instant at which the change began that may lift a break-glass (epoch ms, or empty), the channel of changes.
 * Answers {"live"}, {"lifted"} (live, and a break-glass is lifted), {"held"} or {"newer", version, 1 under a break-glass else 0}.
 *
 * What else may stand under the keys, of any type, is written over. A stored version above 2^52 is no version: nothing could
 * be counted up from it for long.
 *
 * A break-glass is an `enabled` key that is `false` and has no expiry. It holds, unless the change that lifts it began
 * less than 5 s ago by Redis' own clock: a change that was stalled must not undo a glass broken after it.
 */
export const PUBLISH = `-- tracing_toggle_publish
local version = tonumber(ARGV[1])
local function get(key)
  local value = redis.pcall('GET', key)
  return type(value) == 'string' and value or ''
end
local stored = tonumber(get(KEYS[3]))
if not stored then
  local read, document = pcall(cjson.decode, get(KEYS[2]))
  stored = read and type(document) == 'table' and tonumber(document.version)
end
local glass = get(KEYS[1]) == 'false' and redis.call('PTTL', KEYS[1]) == -1
if stored and stored > version and stored < 4503599627370496 then return {'newer', stored, glass and 1 or 0} end
local held = glass
if held and ARGV[7] ~= '' then
  local time = redis.call('TIME')
  held = math.abs(time[1] * 1000 + time[2] / 1000 - ARGV[7]) > 5000
end
if not held then redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[4]) end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[5])
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[6])
if not stored or stored ~= version then redis.call('PUBLISH', ARGV[8], ARGV[1]) end
return {held and 'held' or glass and 'lifted' or 'live'}`;
