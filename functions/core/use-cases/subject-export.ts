import { createHash, type Hash } from "node:crypto";
import type { Clock } from "../domain/clock.ts";
import type { ErasureTarget } from "../domain/erasure.ts";
import { type ErasableStoreName, storesOf } from "../domain/personal-stores.ts";
import type { Archive, OpenArchive } from "../ports/archive.ts";
import type { ByteSink } from "../ports/lake-row-files.ts";
import type { PersonalRecord, PersonalStore } from "../ports/personal-store.ts";
import { type ExportedFile, htmlIndex, jsonIndex } from "./subject-export-index.ts";
import { exactJson, fileExtension } from "./subject-export-values.ts";

/** Every store that can be read for a person: a store of the declaration without an export does not compile. */
export type PersonalExports = Readonly<Record<ErasableStoreName, Pick<PersonalStore, "export">>>;

export interface SubjectExportDeps {
  readonly stores: PersonalExports;
  readonly openArchive: OpenArchive;
  readonly clock: Clock;
  /** Stores that are left out, and said to be. @default none */
  readonly except?: readonly ErasableStoreName[];
  /** Is told of each store that was read, in the order of the declaration. */
  readonly onStore?: (store: ErasableStoreName, records: number) => void;
}

/** A person by one of their ids. */
export type ExportedPerson = Pick<ErasureTarget, "user_id" | "tags">;

/** What an export holds. No ids, no texts. */
export interface SubjectExportSummary {
  /** Records by store. */
  readonly stores: Readonly<Record<ErasableStoreName, number>>;
  readonly files: number;
  /** Of the data in it, not of its order or time: the same data gives the same digest. SHA-256, 64 hex digits. */
  readonly digest: string;
}

/** Characters of one file of records; a file may be longer by its last record. */
const FILE_CHARACTERS = 4_000_000;
const FILE_RECORDS = 1_000;

/**
 * Writes all that is held about a person, under all their ids, into an archive with an index for people and one for
 * programs. Names of files hold no id. Holds one file of records in memory.
 * @throws TransientError | PermanentError when a store cannot be read: what was written until then is no export
 */
export async function exportSubject(
  people: readonly ExportedPerson[],
  sink: ByteSink,
  deps: SubjectExportDeps,
): Promise<SubjectExportSummary> {
  const at = deps.clock();
  const archive = deps.openArchive(sink, at);
  const files: ExportedFile[] = [];
  const hashes: string[] = [];
  const counts: [ErasableStoreName, number][] = [];
  for (const store of storesOf()) {
    const writer = new StoreWriter(archive, store);
    if (!deps.except?.includes(store))
      for (const person of people)
        for await (const record of deps.stores[store].export(person))
          await writer.add(person.user_id, record);
    await writer.end();
    files.push(...writer.files);
    hashes.push(...writer.hashes);
    counts.push([store, writer.records]);
    deps.onStore?.(store, writer.records);
  }
  const about = {
    generatedAt: at.toISOString(),
    userIds: people.map(({ user_id }) => user_id),
    except: deps.except ?? [],
    files,
  };
  await archive.add("index.json", bytesOf(jsonIndex(about)));
  await archive.add("index.html", bytesOf(htmlIndex(about)));
  await archive.end();
  return {
    stores: Object.fromEntries(counts) as Record<ErasableStoreName, number>,
    files: files.length,
    digest: createHash("sha256").update(hashes.sort().join("\n")).digest("hex"),
  };
}

/** Writes one store's records: JSON gathered into files of many, media one file each. */
class StoreWriter {
  readonly #archive: Archive;
  readonly #store: ErasableStoreName;
  readonly files: ExportedFile[] = [];
  /** Of each record, whatever the order. */
  readonly hashes: string[] = [];
  records = 0;
  #lines: string[] = [];
  #characters = 0;

  constructor(archive: Archive, store: ErasableStoreName) {
    this.#archive = archive;
    this.#store = store;
  }

  async add(user_id: string, record: PersonalRecord): Promise<void> {
    this.records += 1;
    if (record.kind === "file") return this.#addFile(user_id, record);
    const line = exactJson({ user_id, name: record.name, value: record.value });
    this.hashes.push(this.#hash(line).digest("hex"));
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#lines.length >= FILE_RECORDS || this.#characters >= FILE_CHARACTERS) await this.#writeLines();
  }

  async end(): Promise<void> {
    if (this.#lines.length > 0) await this.#writeLines();
  }

  #hash(text: string): Hash {
    return createHash("sha256").update(`${this.#store}\n${text}\n`);
  }

  async #addFile(user_id: string, record: PersonalRecord & { readonly kind: "file" }): Promise<void> {
    const hash = this.#hash(exactJson([user_id, record.name, record.contentType]));
    const path = this.#path("file", fileExtension(record.contentType));
    const bytes = await this.#archive.add(path, hashed(record.body, hash), true);
    this.hashes.push(hash.digest("hex"));
    const { contentType, name } = record;
    this.files.push({ store: this.#store, path, contentType, bytes, records: 1, name, user_id });
  }

  async #writeLines(): Promise<void> {
    const [lines, records] = [this.#lines, this.#lines.length];
    [this.#lines, this.#characters] = [[], 0];
    const path = this.#path("records", "json");
    const bytes = await this.#archive.add(path, bytesOf(`[\n${lines.join(",\n")}\n]\n`));
    this.files.push({ store: this.#store, path, contentType: "application/json", bytes, records });
  }

  #path(kind: string, extension: string): string {
    return `${this.#store}/${kind}-${String(this.files.length + 1).padStart(4, "0")}.${extension}`;
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}
