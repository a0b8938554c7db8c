import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Interaction, pairInteractions } from "../domain/interaction.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import { trainingLogKey } from "../domain/lake-keys.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import type { LakeSideFile, LakeSideFileContext, LakeSideFiles } from "../ports/lake-side-file.ts";
import type { TextRedactor } from "../ports/text-redactor.ts";
import type { TrainingPreferences } from "../ports/training-preferences.ts";
import { trainingRecord } from "./training-record.ts";

/** People whose rows are held until one question to the profiles is worth it. */
const PEOPLE_HELD = 100;
/** Characters of text held at most; one person's rows beyond it are paired in parts. */
const CHARACTERS_HELD = 8_000_000;
/** Characters of one gzip member. */
const MEMBER_CHARACTERS = 1_000_000;
/** Higher ones save two per cent of the size for 1.4 times the time (ADR 0083). */
const GZIP_LEVEL = 6;

const compress = promisify(gzip);

export interface TrainingLogDeps {
  readonly preferences: TrainingPreferences;
  /** Replaces ids by keyed hashes. The log stays personal data: it is indexed and erasable. @default ids stay */
  readonly pseudonyms?: KeyChain;
  /** Takes identifiers out of texts. @default texts stay */
  readonly redactor?: TextRedactor;
  /** Is told of each log that was written to its end. */
  readonly report?: (counts: TrainingLogCounts) => void;
}

/** What went into a training log and what did not. */
export interface TrainingLogCounts {
  readonly interactions: number;
  /** The person's messages that no answer followed on that day. */
  readonly unanswered: number;
  /** The bot's messages that answer nothing of that day. */
  readonly unasked: number;
  /** People left out at their wish. */
  readonly optedOut: number;
}

/**
 * Training logs: JSON lines, one an interaction, gzipped in members of about a megabyte of text: any tool reads them as
 * one file, and one member can be rewritten without the others. The same rows give the same bytes. Holds the rows of up
 * to 100 people, whatever the day's size.
 */
export const createTrainingLogs = (deps: TrainingLogDeps): LakeSideFiles => ({
  contentType: "application/gzip",
  key: trainingLogKey,
  open: (context) => openTrainingLog(context, deps),
});

function openTrainingLog({ sink, holds }: LakeSideFileContext, deps: TrainingLogDeps): LakeSideFile {
  const counts = { interactions: 0, unanswered: 0, unasked: 0, optedOut: 0 };
  let people: LakeRow[][] = [];
  let characters = 0;
  let lines: string[] = [];
  let lineCharacters = 0;
  let members = 0;
  let leftOut: string | undefined;

  const writeMember = async (): Promise<void> => {
    await sink(await compress(lines.join(""), { level: GZIP_LEVEL }));
    members += 1;
    lines = [];
    lineCharacters = 0;
  };

  const writePeople = async (batch: readonly LakeRow[][]): Promise<void> => {
    const optedOut = await deps.preferences.optedOut(batch.map(userOf));
    const paired = batch.flatMap((rows) => {
      const userId = userOf(rows);
      if (!optedOut.has(userId)) return [{ userId, rows, ...pairInteractions(rows) }];
      if (leftOut !== userId) counts.optedOut += 1;
      leftOut = userId;
      return [];
    });
    const written = paired.filter(({ interactions }) => interactions.length > 0);
    await Promise.all(written.map(({ userId, rows }) => holds(userId, generationOf(rows))));
    for (const { interactions, unanswered, unasked } of paired) {
      counts.interactions += interactions.length;
      counts.unanswered += unanswered;
      counts.unasked += unasked;
    }
    for (const { userId, interactions } of written) await writeRecords(userId, interactions);
  };

  const writeRecords = async (userId: string, interactions: readonly Interaction[]): Promise<void> => {
    const redact = deps.redactor?.for(userId);
    const options = {
      ...(deps.pseudonyms && { pseudonyms: deps.pseudonyms }),
      ...(redact && { redact }),
    };
    for (const interaction of interactions) {
      const record = trainingRecord(interaction, options);
      lines.push(`${record}\n`);
      lineCharacters += record.length;
    }
    if (lineCharacters >= MEMBER_CHARACTERS) await writeMember();
  };

  /** Writes the first so many of the people held. */
  const writeHeld = async (count: number): Promise<void> => {
    const batch = people.slice(0, count);
    people = people.slice(count);
    characters = people.flat().reduce((sum, row) => sum + charactersOf(row), 0);
    await writePeople(batch);
  };

  /** How many of the people held must be written before this row is taken. The last one's rows are cut only where a question begins. */
  const peopleToWrite = (row: LakeRow): number => {
    const isNext = people.at(-1)?.[0]?.user_id !== row.user_id;
    const isFull = characters > CHARACTERS_HELD;
    if (isNext) return isFull || people.length === PEOPLE_HELD ? people.length : 0;
    if (!isFull) return 0;
    if (people.length > 1) return people.length - 1;
    return row["role"] === "user" || characters > 2 * CHARACTERS_HELD ? 1 : 0;
  };

  const take = (row: LakeRow): void => {
    const last = people.at(-1);
    if (last?.[0]?.user_id === row.user_id) last.push(row);
    else people.push([row]);
    characters += charactersOf(row);
  };

  return {
    add(row) {
      const due = peopleToWrite(row);
      if (due > 0) return writeHeld(due).then(() => take(row));
      take(row);
      return undefined;
    },

    async end() {
      if (people.length > 0) await writeHeld(people.length);
      if (lines.length > 0 || members === 0) await writeMember();
      deps.report?.(counts);
      return counts.interactions;
    },
  };
}

const userOf = (rows: readonly LakeRow[]): string => rows[0]?.user_id ?? "";

const generationOf = (rows: readonly LakeRow[]): number =>
  rows.reduce((highest, { generation }) => Math.max(highest, Number(generation)), 0);

/** What a row weighs: its long texts and a share for the rest. */
const charactersOf = (row: LakeRow): number =>
  300 + String(row["content"] ?? "").length + String(row["tool_calls"] ?? "").length;
