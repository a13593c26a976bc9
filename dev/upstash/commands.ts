import { RestError } from "./errors.ts";

/** A command: its name in upper case, then its arguments. */
export type Command = [name: string, ...args: (string | Buffer)[]];

/**
 * What the read-only token may run. As at Upstash, commands that read but can cost much (KEYS, SCAN) are not among them.
 */
const READS = new Set(
  `BITCOUNT BITFIELD_RO BITPOS DBSIZE ECHO EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO
  GEOSEARCH GET GETBIT GETRANGE HEXISTS HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME HPTTL HRANDFIELD HSTRLEN
  HTTL HVALS LINDEX LLEN LPOS LRANGE MGET PEXPIRETIME PFCOUNT PING PTTL RANDOMKEY SCARD SDIFF SINTER SINTERCARD
  SISMEMBER SMEMBERS SMISMEMBER SRANDMEMBER STRLEN SUBSTR SUNION TIME TTL TYPE XINFO XLEN XPENDING XRANGE XREAD
  XREVRANGE ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK
  ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCORE ZUNION`.split(/\s+/),
);

/** What changes or blocks the connection that all requests share: a REST request is one command without a session. */
const UNAVAILABLE = new Set(
  `ASKING AUTH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT DEBUG DISCARD EXEC FAILOVER HELLO
  MONITOR MULTI PSUBSCRIBE PSYNC PUNSUBSCRIBE QUIT READONLY READWRITE REPLICAOF RESET SELECT SHUTDOWN SLAVEOF SSUBSCRIBE
  SUBSCRIBE SUNSUBSCRIBE SYNC UNSUBSCRIBE UNWATCH WAIT WAITAOF WATCH`.split(/\s+/),
);

/** Makes a command of the parts of a request. Names go out in upper case: ioredis transforms what it knows in lower. */
export function toCommand(parts: unknown): Command {
  if (!Array.isArray(parts)) throw new RestError("ERR failed to parse command: expected an array");
  const [name, ...args] = parts.map(toArgument);
  if (name === undefined || name.length === 0) throw new RestError("ERR empty command");
  return [name.toString().toUpperCase(), ...args];
}

function toArgument(part: unknown): string | Buffer {
  if (typeof part === "string" || Buffer.isBuffer(part)) return part;
  if (typeof part === "number" || typeof part === "boolean") return String(part);
  throw new RestError("ERR failed to parse command: arguments must be strings or numbers");
}

/** Throws when the command cannot be run over REST, or not by a read-only token. */
export function checkPermitted([name, ...args]: Command, { readOnly }: { readOnly: boolean }): void {
  const blocks = name.startsWith("XREAD") && args.some((arg) => arg.toString().toUpperCase() === "BLOCK");
  if (UNAVAILABLE.has(name) || blocks) throw new RestError(`ERR Command is not available: '${name}'`);
  if (readOnly && !READS.has(name)) {
    throw new RestError(
      `NOPERM this user has no permissions to run the '${name.toLowerCase()}' command or its subcommand`,
    );
  }
}
