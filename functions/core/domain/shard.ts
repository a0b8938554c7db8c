import { crc32 } from "node:zlib";

/** Shards of every sharded key, for ever: the lake divides by it. */
export const SHARDS = 16;

/** Shard of a text, 0 to 15: CRC-32 of its UTF-8 bytes, modulo 16. */
export const shardOf = (text: string): number => crc32(text) % SHARDS;
