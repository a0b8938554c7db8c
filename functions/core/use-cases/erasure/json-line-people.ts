import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PermanentError } from "../../domain/errors.ts";
import type { ByteSink, RandomAccessFile } from "../../ports/lake-row-files.ts";
import type { PersonRows, RemovedPerson } from "../../ports/lake-row-removal.ts";
import { unpackMember } from "./gzip-members.ts";
import { IdSearch } from "./id-search.ts";
import { blocksOf, type PeopleFiles } from "./people-files.ts";

const compress = promisify(gzip);
/** As training logs are written. */
const GZIP_LEVEL = 6;
const MEMBER_BYTES = 1_000_000;
const LINE_FEED = 0x0a;

/** Whose a record is, by what stands for people in it, and the generation it is of. */
export type OwnersOf = (record: unknown) => {
  readonly names: readonly string[];
  readonly generation: number;
};

/**
 * Gzip files of JSON lines. Members that hold nobody who goes are copied byte for byte; of the others the records that are
 * left are packed anew.
 * @param nameOf what stands for a person in the records, beside their id
 */
export function jsonLineFiles(ownersOf: OwnersOf, nameOf?: (userId: string) => string): PeopleFiles {
  /** Ids by what stands for them. */
  const named = (ids: Iterable<string>): ReadonlyMap<string, string> =>
    new Map([...ids].flatMap((id) => [[id, id] as const, ...(nameOf ? [[nameOf(id), id] as const] : [])]));

  return {
    async count(file, people) {
      const fates = new Fates(people, named, ownersOf);
      for await (const run of runsOf(file)) for await (const line of run.lines()) fates.goes(line);
      return fates.met;
    },

    async remove(file, people, sink) {
      const fates = new Fates(people, named, ownersOf);
      const hash = createHash("sha256");
      let bytes = 0;
      const write: ByteSink = (chunk) => {
        hash.update(chunk);
        bytes += chunk.byteLength;
        return sink(chunk);
      };
      let rows = 0;
      for await (const run of runsOf(file)) {
        const scan = new Fates(people, named, ownersOf);
        let gone = 0;
        let all = 0;
        for await (const line of run.lines()) {
          if (line.length === 0) continue;
          all += 1;
          if (scan.goes(line)) gone += 1;
        }
        fates.take(scan);
        rows += all - gone;
        if (gone === 0) for await (const block of blocksOf(file, run.start, run.end())) await write(block);
        else if (gone < all) await repack(run, new Fates(people, named, ownersOf), write);
      }
      if (bytes === 0) await write(await compress("", { level: GZIP_LEVEL }));
      const removed = [...fates.met].filter(([, person]) => person.rows > 0);
      const staying = [...fates.met].filter(([, person]) => person.staying > 0);
      return {
        rows,
        removed: new Map(removed.map(([id, person]) => [id, person.rows])),
        staying: new Set(staying.map(([id]) => id)),
        contentHash: hash.digest("hex"),
      };
    },

    async rowsOf(file, userId) {
      const everything = [{ user_id: userId, generation: Number.MAX_SAFE_INTEGER }];
      const fates = new Fates(everything, named, ownersOf);
      const rows: unknown[] = [];
      for await (const run of runsOf(file)) {
        for await (const line of run.lines()) if (fates.goes(line)) rows.push(recordOf(line));
      }
      return rows;
    },

    async idsIn(file, ids) {
      const names = named(ids);
      const search = new IdSearch([...names.keys()]);
      for (let start = 0; start < file.byteLength; ) {
        const member = unpackMember(file, start);
        let piece = await member.next();
        for (; !piece.done; piece = await member.next()) search.add(piece.value);
        start = piece.value;
      }
      return search.found.size === 0 ? search.found : ownIn(file, search.found, names);
    },
  };

  /** Of ids that are in a file those that are not only what somebody else wrote: a record that names another is theirs. */
  async function ownIn(
    file: RandomAccessFile,
    found: ReadonlySet<string>,
    names: ReadonlyMap<string, string>,
  ): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const run of runsOf(file)) {
      for await (const line of run.lines()) {
        if (line.length === 0) continue;
        const owners = ownersOf(recordOf(line)).names;
        for (const name of owners.length > 0 ? owners : namesIn(line, found))
          if (found.has(name)) ids.add(names.get(name) ?? name);
      }
    }
    return ids;
  }
}

/** Which of these are anywhere in a record. */
function namesIn(line: Uint8Array, names: ReadonlySet<string>): ReadonlySet<string> {
  const search = new IdSearch([...names]);
  search.add(line);
  return search.found;
}

/** What becomes of the records of people. */
class Fates {
  readonly #upTo = new Map<string, number>();
  readonly #names: ReadonlyMap<string, string>;
  readonly #ownersOf: OwnersOf;
  readonly met = new Map<string, PersonRows>();

  constructor(
    people: readonly RemovedPerson[],
    named: (ids: Iterable<string>) => ReadonlyMap<string, string>,
    ownersOf: OwnersOf,
  ) {
    for (const { user_id, generation } of people) {
      this.#upTo.set(user_id, Math.max(generation, this.#upTo.get(user_id) ?? 0));
    }
    this.#names = named(this.#upTo.keys());
    this.#ownersOf = ownersOf;
  }

  /** Whether a line's record goes with one of its people; counts it. @throws PermanentError when it is no JSON */
  goes(line: Buffer): boolean {
    if (line.length === 0) return false;
    const { names, generation } = this.#ownersOf(recordOf(line));
    const ids = new Set(names.flatMap((name) => this.#names.get(name) ?? []));
    const going = [...ids].filter((id) => generation <= (this.#upTo.get(id) ?? 0));
    for (const id of ids) {
      const { rows, staying } = this.met.get(id) ?? { rows: 0, staying: 0 };
      const goes = going.includes(id);
      this.met.set(id, {
        rows: rows + (goes ? 1 : 0),
        staying: staying + (goes || going.length > 0 ? 0 : 1),
      });
    }
    return going.length > 0;
  }

  /** Adds what another one met. */
  take(other: Fates): void {
    for (const [id, { rows, staying }] of other.met) {
      const mine = this.met.get(id) ?? { rows: 0, staying: 0 };
      this.met.set(id, { rows: mine.rows + rows, staying: mine.staying + staying });
    }
  }
}

function recordOf(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    throw new PermanentError("a line of it is no JSON: mend it, or remove the object by hand");
  }
}

/** Members that belong together because lines go on from one to the next: usually one. */
interface Run {
  readonly start: number;
  /** Known once its lines were read. */
  end(): number;
  lines(): AsyncIterable<Buffer>;
}

async function* runsOf(file: RandomAccessFile): AsyncGenerator<Run> {
  for (let start = 0; start < file.byteLength; ) {
    let end: number | undefined;
    const lines = async function* (): AsyncGenerator<Buffer> {
      const begun = start;
      let at = begun;
      let rest: Buffer[] = [];
      do {
        const member = unpackMember(file, at);
        let piece = await member.next();
        for (; !piece.done; piece = await member.next()) {
          const bytes = piece.value;
          let from = 0;
          for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, from)) {
            yield Buffer.concat([...rest, bytes.subarray(from, feed)]);
            rest = [];
            from = feed + 1;
          }
          if (from < bytes.length) rest.push(bytes.subarray(from));
        }
        at = piece.value;
      } while (rest.length > 0 && at < file.byteLength);
      if (rest.length > 0) yield Buffer.concat(rest);
      end = at;
    };
    const run: Run = { start, lines, end: () => end ?? file.byteLength };
    yield run;
    if (end === undefined) throw new RangeError("a run's lines are read before the next one");
    start = end;
  }
}

/** Writes the records of a run that stay, in members of their own. */
async function repack(run: Run, fates: Fates, write: ByteSink): Promise<void> {
  let lines: Buffer[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (lines.length > 0) await write(await compress(Buffer.concat(lines), { level: GZIP_LEVEL }));
    [lines, bytes] = [[], 0];
  };
  for await (const line of run.lines()) {
    if (line.length === 0 || fates.goes(line)) continue;
    lines.push(Buffer.concat([line, Buffer.from("\n")]));
    bytes += line.length + 1;
    if (bytes >= MEMBER_BYTES) await flush();
  }
  await flush();
}
