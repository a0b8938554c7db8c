import type { MessageMetadata, Role, Sentiment, StoredMessage } from "../../core/domain/message.ts";
import type { ContextMessage } from "../../core/ports/context-cache.ts";

/** Added to times (ms since 1970), so that scores are positive for every year from 0 to 9999. */
const SCORE_OFFSET = 1e14;
const COMPLETE = /^complete(?: (\d+))?$/;
/** What ends the messages: the horizon, or, where there is none, what a context knows of itself. */
const HORIZON = /^\S+ \d+ \S+$/;
const OWN = /^[#=~]/;
const ROLES: ReadonlySet<string> = new Set<Role>(["user", "assistant", "system"]);

/** Where a message stands in a context: score, then bytes of the member's beginning. */
export const scoreOf = (message: Pick<ContextMessage, "timestamp">): number =>
  Date.parse(message.timestamp) + SCORE_OFFSET;

export const positionOf = (
  message: Pick<ContextMessage, "first_received_at" | "position" | "message_id">,
): string =>
  `${message.first_received_at} ${String(message.position).padStart(6, "0")} ${message.message_id}`;

/**
 * The member that holds what the cache keeps of a message:
 * `<first_received_at> <position, 6 digits> <message_id> <revision> <role> <timestamp> <n> <k> <m>
 * <session_id><analysis><json><content>`, so that bytes order as messages are shown. The session's id has n, the analysis k
 * and the JSON m UTF-16 units. The JSON holds what is not as it usually is, and mostly there is none (ADR 0054).
 */
export function contentOf(message: ContextMessage | StoredMessage): string {
  // A lone surrogate does not survive as UTF-8; in JSON, where all that depends on it goes too, it is escaped.
  const isPlain = message.content.isWellFormed() && message.session_id.isWellFormed();
  const analysis = packedAnalysis(message.metadata);
  const json = unusualOf(message, isPlain, analysis !== undefined);
  const [session, content] = isPlain ? [message.session_id, message.content] : ["", ""];
  const head = `${positionOf(message)} ${message.revision} ${message.role} ${message.timestamp}`;
  const lengths = `${session.length} ${analysis?.length ?? 0} ${json.length}`;
  return `${head} ${lengths} ${session}${analysis ?? ""}${json}${content}`;
}

/** As JSON: what a reader cannot tell from the rest of the member; empty where that is nothing. */
function unusualOf(message: ContextMessage | StoredMessage, isPlain: boolean, isPacked: boolean): string {
  const { session_id, content, conversation_id, message_type, metadata } = message;
  const { reply_to, tool_calls, media, ai_model_used, edited_at } = message;
  const unusual = {
    conversation_id: isPlain && conversation_id === session_id ? undefined : conversation_id,
    message_type: message_type === "text" ? undefined : message_type,
    metadata: isPacked ? undefined : metadata,
    session_id: isPlain ? undefined : session_id,
    content: isPlain ? undefined : content,
    ...{ reply_to, tool_calls, media, ai_model_used, edited_at },
  };
  const json = JSON.stringify(unusual);
  return json === "{}" ? "" : json;
}

/** What `PerformAnalytics` fills in, a line each; `undefined` where the metadata hold something else. */
function packedAnalysis(metadata: MessageMetadata): string | undefined {
  if (Object.keys(metadata).length === 0) return "";
  const { sentiment, sentiment_score: score, intent, language, ...others } = metadata;
  const isUsual =
    Object.keys(others).length === 0 &&
    (score === undefined || Number.isFinite(score)) &&
    [sentiment, intent, language].every(isLine);
  return isUsual ? [sentiment, score, intent, language].join("\n") : undefined;
}

/** Absent, or a text that is one line and survives as UTF-8. */
const isLine = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === "string" && value !== "" && !value.includes("\n") && value.isWellFormed());

function unpackedAnalysis(text: string): MessageMetadata {
  const metadata: MessageMetadata = {};
  if (text === "") return metadata;
  const [sentiment, score, intent, language] = text.split("\n");
  if (sentiment) metadata.sentiment = sentiment as Sentiment;
  if (score) metadata.sentiment_score = Number(score);
  if (intent) metadata.intent = intent;
  if (language) metadata.language = language;
  return metadata;
}

/** The message that `contentOf` made a member of; `undefined` for any other text. */
export function messageOf(member: string): ContextMessage | undefined {
  const position = member.indexOf(" ") + 1;
  const id = member.indexOf(" ", position) + 1;
  const revision = member.indexOf(" ", id) + 1;
  const role = member.indexOf(" ", revision) + 1;
  const timestamp = member.indexOf(" ", role) + 1;
  const sessionLength = member.indexOf(" ", timestamp) + 1;
  const analysisLength = member.indexOf(" ", sessionLength) + 1;
  const jsonLength = member.indexOf(" ", analysisLength) + 1;
  const session = member.indexOf(" ", jsonLength) + 1;
  const said = member.slice(role, timestamp - 1);
  // Where a separator lacks, the search began anew.
  const isWhole =
    position < id &&
    id < revision &&
    revision < role &&
    role < timestamp &&
    timestamp < sessionLength &&
    sessionLength < analysisLength &&
    analysisLength < jsonLength &&
    jsonLength < session;
  if (!isWhole || !ROLES.has(said)) return undefined;

  const analysis = session + Number(member.slice(sessionLength, analysisLength - 1));
  const json = analysis + Number(member.slice(analysisLength, jsonLength - 1));
  const content = json + Number(member.slice(jsonLength, session - 1));
  const session_id = member.slice(session, analysis);
  const message: ContextMessage = {
    message_id: member.slice(id, revision - 1),
    session_id,
    conversation_id: session_id,
    timestamp: member.slice(timestamp, sessionLength - 1),
    first_received_at: member.slice(0, position - 1),
    position: Number(member.slice(position, id - 1)),
    message_type: "text",
    role: said as Role,
    content: member.slice(content),
    metadata: unpackedAnalysis(member.slice(analysis, json)),
    revision: Number(member.slice(revision, role - 1)),
  };
  return json === content ? message : Object.assign(message, JSON.parse(member.slice(json, content)));
}

/**
 * The newest `limit` messages among the first members of a context, or `undefined` for a miss: no
 * `complete` mark, one that has run out, or a horizon above the limit (older messages are not held).
 * @param members in falling order, beginning with the first
 * @param now ms since 1970
 */
export function messagesAmong(
  members: readonly string[],
  limit: number,
  now: number,
): ContextMessage[] | undefined {
  const held = heldAmong(members, now, limit);
  return held && (held.messages.length === limit || held.isWhole) ? held.messages : undefined;
}

/**
 * What a context holds that would be served, `undefined` where it is a miss (as is what another version wrote); whole
 * where older messages do not exist.
 * @param members in falling order, beginning with the first
 * @param now ms since 1970
 * @param most messages to read at most
 */
export function heldAmong(
  members: readonly string[],
  now: number,
  most = Number.POSITIVE_INFINITY,
): { readonly messages: ContextMessage[]; readonly isWhole: boolean } | undefined {
  const [mark = "", ...rest] = members;
  const complete = COMPLETE.exec(mark);
  if (!complete || (complete[1] !== undefined && Number(complete[1]) <= now)) return undefined;

  const messages: ContextMessage[] = [];
  for (const member of rest) {
    if (messages.length === most) return { messages, isWhole: false };
    const message = messageOf(member);
    if (message) messages.push(message);
    else if (OWN.test(member)) return { messages, isWhole: true };
    else if (HORIZON.test(member)) return { messages, isWhole: false };
    else return undefined;
  }
  return { messages, isWhole: true };
}
