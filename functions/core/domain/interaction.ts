import type { LakeRow } from "./lake-row.ts";

/** What a person asked in one go, and what the bot answered. Both in the order shown, neither empty. */
export interface Interaction {
  readonly question: readonly LakeRow[];
  readonly answers: readonly LakeRow[];
}

/** The interactions of a person's rows, by the time of their questions, and what is part of none. */
export interface PairedRows {
  readonly interactions: readonly Interaction[];
  /** The person's messages that no answer followed. */
  readonly unanswered: number;
  /** The bot's messages that answer nothing among these rows. */
  readonly unasked: number;
}

/** A question under way. */
interface Turn {
  readonly question: LakeRow[];
  readonly answers: LakeRow[];
  /** An answer names its message: it is a question of its own. */
  readonly isNamed: boolean;
}

/**
 * Pairs the rows of one person, in any order, into questions and answers.
 *
 * - Deleted rows and the role `system` are left out.
 * - An answer with `reply_to` belongs to the message it names; where that is itself an answer, to that answer's
 *   question. One that names a message outside these rows (another day's, a deleted one) answers nothing here.
 * - An answer without `reply_to` belongs to the latest question before it in its conversation.
 * - Messages of the person that follow each other in a conversation and session without an answer in between are one
 *   question, but for those that an answer names.
 */
export function pairInteractions(rows: readonly LakeRow[]): PairedRows {
  const shown = rows.filter(isSaid).sort(compareShown);
  const answers = shown.filter((row) => !isUser(row));
  const named = new Set(answers.map((row) => row["reply_to"]));
  const turns: Turn[] = [];
  const turnOf = new Map<string, Turn>();
  const latest = new Map<string, Turn>();

  for (const row of shown) {
    const conversation = String(row["conversation_id"]);
    const open = latest.get(conversation);
    if (!isUser(row)) {
      if (row["reply_to"] !== null || open === undefined) continue;
      open.answers.push(row);
      turnOf.set(row.message_id, open);
      continue;
    }
    const isNamed = named.has(row.message_id);
    const turn =
      open !== undefined && !isNamed && goesOn(open, row) ? open : { question: [], answers: [], isNamed };
    if (turn !== open) turns.push(turn);
    turn.question.push(row);
    turnOf.set(row.message_id, turn);
    latest.set(conversation, turn);
  }

  const byId = new Map(answers.map((row) => [row.message_id, row]));
  for (const row of answers) {
    const turn = row["reply_to"] === null ? undefined : turnAnsweredBy(row, byId, turnOf);
    turn?.answers.push(row);
  }

  const paired = turns.filter((turn) => turn.answers.length > 0);
  for (const turn of paired) turn.answers.sort(compareShown);
  const count = (side: "question" | "answers"): number =>
    paired.reduce((sum, turn) => sum + turn[side].length, 0);
  return {
    interactions: paired.map(({ question, answers: given }) => ({ question, answers: given })),
    unanswered: shown.length - answers.length - count("question"),
    unasked: answers.length - count("answers"),
  };
}

/** Follows `reply_to` until a message whose turn is known; a circle leads nowhere. */
function turnAnsweredBy(
  row: LakeRow,
  answers: ReadonlyMap<string, LakeRow>,
  turnOf: ReadonlyMap<string, Turn>,
): Turn | undefined {
  const seen = new Set<LakeRow>();
  for (let at: LakeRow | undefined = row; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const target: string = String(at["reply_to"]);
    const turn = turnOf.get(target);
    if (turn !== undefined) return turn;
    at = answers.get(target);
  }
  return undefined;
}

const goesOn = (open: Turn, row: LakeRow): boolean =>
  !open.isNamed && open.answers.length === 0 && open.question[0]?.["session_id"] === row["session_id"];

const isUser = (row: LakeRow): boolean => row["role"] === "user";

const isSaid = (row: LakeRow): boolean =>
  row["deleted"] !== true && (isUser(row) || row["role"] === "assistant");

/** The order people and bots see: (timestamp, first_received_at, position), then id to make it total. */
function compareShown(a: LakeRow, b: LakeRow): number {
  const numbers = ["timestamp", "first_received_at", "position"]
    .map((column) => Number(a[column]) - Number(b[column]))
    .find((difference) => difference !== 0);
  return numbers ?? (a.message_id < b.message_id ? -1 : 1);
}
