/** Shorter ones come about in packed bytes by chance; no channel's ids are. */
const LEAST_BYTES = 4;
/** Bytes by which ids are looked for at once: those of one channel begin alike, `web:` and keyed hashes no further. */
const HEAD_BYTES = LEAST_BYTES;
/** With so many beginnings one walk over the bytes is faster than a search for each. */
const WALKED_HEADS = 8;

/** An id between quotes, as a writer of JSON may have put it. */
const jsonFormsOf = (id: string): string[] => {
  const json = JSON.stringify(id).slice(1, -1);
  const escaped = (digits: (hex: string) => string): string =>
    json.replaceAll(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`,
    );
  return [json, escaped((hex) => hex), escaped((hex) => hex.toUpperCase())];
};

/** Forms that begin alike, by their bytes, one code unit a byte. */
interface Head {
  readonly bytes: Buffer;
  /** Found after their own length. */
  readonly plain: Map<string, string>;
  /** Found between quotes. */
  readonly json: Map<string, string>;
  readonly lengths: Set<number>;
}

/**
 * Looks for ids in bytes of any format, block after block. An id counts where it is a whole value: after its own length, as
 * Parquet's pages and footers write it, or between quotes, as JSON does. `+123` in `+1234` is none.
 */
export class IdSearch {
  /** By their bytes as a number. */
  readonly #heads = new Map<number, Head>();
  /** What the two halves of such a number can come to, once a walk asks for it. */
  #folded: Uint8Array | undefined;
  readonly #longest: number;
  readonly #found = new Set<string>();
  #kept = Buffer.alloc(0);

  constructor(ids: readonly string[]) {
    let longest = 0;
    const enter = (form: string, id: string, kind: "plain" | "json"): void => {
      const bytes = Buffer.from(form);
      if (bytes.length < LEAST_BYTES) return;
      longest = Math.max(longest, bytes.length);
      const head = this.#headOf(bytes);
      head[kind].set(bytes.toString("latin1"), id);
      head.lengths.add(bytes.length);
    };
    for (const id of ids) {
      enter(id, id, "plain");
      for (const form of jsonFormsOf(id)) enter(form, id, "json");
    }
    // Room for a length or a quote on both sides.
    this.#longest = longest + 8;
  }

  get found(): ReadonlySet<string> {
    return this.#found;
  }

  /** Takes the next bytes of the file. */
  add(block: Uint8Array): void {
    if (this.#heads.size === 0) return;
    const bytes = Buffer.concat([this.#kept, block]);
    if (this.#heads.size >= WALKED_HEADS) this.#walk(bytes);
    else for (const head of this.#heads.values()) this.#search(bytes, head);
    this.#kept = Buffer.from(bytes.subarray(-this.#longest));
  }

  #headOf(bytes: Buffer): Head {
    const start = bytes.subarray(0, HEAD_BYTES);
    const name = start.readInt32BE();
    const head = this.#heads.get(name) ?? {
      bytes: start,
      plain: new Map(),
      json: new Map(),
      lengths: new Set(),
    };
    this.#heads.set(name, head);
    return head;
  }

  /** Finds one beginning. */
  #search(bytes: Buffer, head: Head): void {
    for (let at = bytes.indexOf(head.bytes); at >= 0; at = bytes.indexOf(head.bytes, at + 1))
      this.#compare(bytes, at, head);
  }

  /** Finds all beginnings at once, however many there are. */
  #walk(bytes: Buffer): void {
    const folded = this.#foldedHeads();
    let word = 0;
    for (let at = 0; at < bytes.length; at++) {
      word = (word << 8) | (bytes[at] as number);
      if (folded[fold(word)] === 0 || at < HEAD_BYTES - 1) continue;
      const head = this.#heads.get(word);
      if (head) this.#compare(bytes, at - HEAD_BYTES + 1, head);
    }
  }

  #foldedHeads(): Uint8Array {
    if (this.#folded) return this.#folded;
    this.#folded = new Uint8Array(2 ** 16);
    for (const name of this.#heads.keys()) this.#folded[fold(name)] = 1;
    return this.#folded;
  }

  #compare(bytes: Buffer, at: number, { plain, json, lengths }: Head): void {
    for (const length of lengths) {
      if (at + length > bytes.length) continue;
      const [quoted, counted] = [isQuoted(bytes, at, length), isCounted(bytes, at, length)];
      if (!quoted && !counted) continue;
      const form = bytes.toString("latin1", at, at + length);
      const id = quoted ? json.get(form) : undefined;
      const other = counted ? plain.get(form) : undefined;
      for (const found of [id, other]) if (found !== undefined) this.#found.add(found);
    }
  }
}

const fold = (word: number): number => (word ^ (word >>> 16)) & 0xffff;

const QUOTE = 0x22;

const isQuoted = (bytes: Buffer, at: number, length: number): boolean =>
  bytes[at - 1] === QUOTE && bytes[at + length] === QUOTE;

/** After its length as four bytes, or as a number of variable length. */
function isCounted(bytes: Buffer, at: number, length: number): boolean {
  if (at >= 4 && bytes.readUInt32LE(at - 4) === length) return true;
  if (length < 0x80) return bytes[at - 1] === length;
  return bytes[at - 1] === length >> 7 && bytes[at - 2] === ((length & 0x7f) | 0x80);
}
