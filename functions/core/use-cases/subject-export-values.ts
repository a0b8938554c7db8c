import { rawInteger } from "../domain/json.ts";

/** JSON of whatever a store holds: integers keep their digits, bytes become base64, sets become lists. */
export const exactJson = (value: unknown): string => JSON.stringify(value, plain) ?? "null";

function plain(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has turned itself into an object by now: what it was is still in its holder.
  const held: unknown = Object(this)[key];
  if (held instanceof Uint8Array) return Buffer.from(held).toString("base64");
  if (typeof value === "bigint") return rawInteger(value);
  // Stringify would call it null, which says that there was nothing.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

const EXTENSIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "application/gzip": "gz",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/x-ndjson": "jsonl",
    "application/zip": "zip",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/plain": "txt",
    "video/3gpp": "3gp",
    "video/mp4": "mp4",
  }),
);

/** How files of a type are named; never taken from a name somebody else chose. */
export const fileExtension = (contentType: string): string =>
  EXTENSIONS.get(contentType.split(";")[0]?.trim().toLowerCase() ?? "") ?? "bin";
