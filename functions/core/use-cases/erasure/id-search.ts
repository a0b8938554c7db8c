/** Bytes by which ids are looked for at once: those of one channel begin alike. */
const HEAD_BYTES = 8;

/** Forms in which a writer may have put an id: as it is, and as JSON escapes it. */
const formsOf = (id: string): string[] => {
  const json = JSON.stringify(id).slice(1, -1);
  const escaped = (digits: (hex: string) => string): string =>
    json.replaceAll(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`,
    );
  return [id, json, escaped((hex) => hex), escaped((hex) => hex.toUpperCase())];
};

interface Head {
  readonly bytes: Buffer;
  /** Forms by their bytes, one code unit a byte, and their lengths, longest first. */
  readonly forms: Map<string, string>;
  lengths: number[];
}

/**
 * Looks for ids in bytes of any format, block after block. An id counts where it is a whole value: after its own length, as
 * Parquet's pages and footers write it, or between quotes, as JSON does. `+123` in `+1234` is none.
 */
export class IdSearch {
  readonly #heads = new Map<string, Head>();
  readonly #longest: number;
  readonly #found = new Set<string>();
  #kept = Buffer.alloc(0);

  constructor(ids: readonly string[]) {
    let longest = 0;
    for (const id of ids) {
      for (const form of formsOf(id)) {
        const bytes = Buffer.from(form);
        if (bytes.length === 0) continue;
        longest = Math.max(longest, bytes.length);
        this.#headOf(bytes).forms.set(bytes.toString("latin1"), id);
      }
    }
    for (const head of this.#heads.values()) {
      head.lengths = [...new Set([...head.forms.keys()].map(({ length }) => length))];
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
    for (const head of this.#heads.values()) this.#search(bytes, head);
    this.#kept = Buffer.from(bytes.subarray(-this.#longest));
  }

  #headOf(bytes: Buffer): Head {
    const start = bytes.subarray(0, HEAD_BYTES);
    const name = start.toString("latin1");
    const head = this.#heads.get(name) ?? { bytes: start, forms: new Map(), lengths: [] };
    this.#heads.set(name, head);
    return head;
  }

  #search(bytes: Buffer, { bytes: start, forms, lengths }: Head): void {
    for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
      for (const length of lengths) {
        if (at + length > bytes.length) continue;
        const id = forms.get(bytes.toString("latin1", at, at + length));
        if (id !== undefined && isWhole(bytes, at, length)) this.#found.add(id);
      }
    }
  }
}

function isWhole(bytes: Buffer, at: number, length: number): boolean {
  if (bytes[at - 1] === QUOTE && bytes[at + length] === QUOTE) return true;
  if (at >= 4 && bytes.readUInt32LE(at - 4) === length) return true;
  if (length < 0x80) return bytes[at - 1] === length;
  return bytes[at - 1] === length >> 7 && bytes[at - 2] === ((length & 0x7f) | 0x80);
}

const QUOTE = 0x22;
