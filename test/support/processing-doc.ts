import { BOOKKEEPING, declarationOf, STORE_NAMES } from "../../functions/core/domain/personal-stores.ts";
import { asList, at, type Json, type Resource, type Synthesised } from "../infra/synthesise.ts";

/** States of `user-erasure` by their erasers. */
const STATES = { cache: "EraseCache", tables: "EraseTables", search: "EraseSearch", objects: "EraseObjects" };

/** `docs/PROCESSING.md`: the record of processing, from the declaration of the stores and from a stage's templates. */
export function processingDoc(stage: Synthesised, stageName: string): string {
  const sections = [intro, stores(), copies(), bookkeeping(), deployed(stage, stageName)];
  return `${sections.join("\n\n")}\n`;
}

const intro = `# Record of processing

Which store holds which personal data, what for, how long, and what erases it (GDPR, article 30). Written from \`functions/core/domain/personal-stores.ts\` and the synthesised templates by \`npx vitest run --project infra test/infra/personal-stores.test.ts -u\`; do not edit. A store that is deployed and not declared fails the test, and a declared one without plan, eraser, verifier and export does not compile.

Whoever runs Hilo adds what software cannot know: the controller, the legal basis, recipients.`;

function stores(): string {
  const rows = STORE_NAMES.flatMap((name) => {
    const { place, purpose, fields, kept, found, eraser } = declarationOf(name);
    return eraser === undefined
      ? []
      : [[`\`${name}\``, place, purpose, list(fields), kept, found, STATES[eraser]]];
  });
  return `## Stores that are erased\n\n${table(["Store", "Where", "What for", "Personal fields", "Kept", "How a person is found", "Erased by"], rows)}`;
}

function copies(): string {
  const rows = STORE_NAMES.flatMap((name) => {
    const { place, purpose, fields, kept, found, eraser, goneAfterDays } = declarationOf(name);
    return eraser === undefined
      ? [[`\`${name}\``, place, purpose, list(fields), kept, found, `${goneAfterDays} days`]]
      : [];
  });
  return `## Copies that expire

They cannot be edited. A receipt names each with the date on which it is gone.

${table(["Store", "Where", "What for", "Personal fields", "Kept", "How a person is kept out", "Gone after"], rows)}`;
}

function bookkeeping(): string {
  const rows = Object.entries(BOOKKEEPING).map(([name, { place, purpose, fields, kept, ends }]) => [
    `\`${name}\``,
    place,
    purpose,
    list(fields),
    kept,
    ends,
  ]);
  return `## Bookkeeping\n\n${table(["Place", "Where", "What for", "Personal fields", "Kept", "Ends"], rows)}`;
}

/** What the templates say of how long things are kept, by name. */
function deployed(stage: Synthesised, stageName: string): string {
  const prefix = `hilo-${stageName}-`;
  const tables = stage.ofType("AWS::DynamoDB::GlobalTable").concat(stage.ofType("AWS::DynamoDB::Table"));
  const tableRows = tables.map(({ properties }) => [
    `\`${nameOf(properties["TableName"]).replace(prefix, "")}\``,
    ttlOf(properties),
    isRecoverable(properties) ? "35 days" : "none",
  ]);
  const queueRows = stage
    .ofType("AWS::SQS::Queue")
    .map(({ properties }) => [
      `\`${nameOf(properties["QueueName"]).replace(prefix, "")}\``,
      days(Number(at(properties, "MessageRetentionPeriod")) / 86_400),
    ]);
  const logs = stage
    .ofType("AWS::Logs::LogGroup")
    .map(({ properties }) => [
      `\`${nameOf(properties["LogGroupName"]).replace(/[^/]+$/, "*")}\``,
      days(Number(properties["RetentionInDays"])),
    ]);
  const logRows = [...new Map(logs.map((row) => [row.join(), row])).values()];
  return `## What the templates say (stage ${stageName})

${table(["Table", "Items expire by", "Point-in-time recovery"], sorted(tableRows))}

${table(["Folder of the bucket", "Expires"], folderRows(stage))}

${table(["Queue", "Kept"], sorted(queueRows))}

Log groups hold ids of Hilo, counts, codes and names, never an id or a text of a person; executions are logged without their data.

${table(["Log group", "Kept"], sorted(logRows))}`;
}

/** Lifecycle rules by folder; those of one month each are told once. */
function folderRows(stage: Synthesised): string[][] {
  const rows = new Map<string, string>();
  for (const rule of lifecycleRules(stage)) {
    const prefix = at(rule, "Prefix");
    if (prefix === undefined) continue;
    const folder = String(prefix).replace(/year=.*$/, "");
    const expiry = at(rule, "ExpirationInDays");
    const date = at(rule, "ExpirationDate");
    if (expiry !== undefined) rows.set(folder, days(Number(expiry)));
    if (date !== undefined) {
      const [, year, month] = /year=(\d+)\/month=(\d+)/.exec(String(prefix)) ?? [];
      const ends = new Date(String(date));
      const years =
        ends.getUTCFullYear() - Number(year) - (ends.getUTCMonth() === 0 && Number(month) === 12 ? 1 : 0);
      rows.set(folder, `${years} years after the day's month, whenever it was written last`);
    }
  }
  return sorted([...rows].map(([folder, expiry]) => [`\`${folder}\``, expiry]));
}

/** Rules of the data bucket. */
export const lifecycleRules = (stage: Synthesised): readonly Json[] =>
  stage
    .ofType("AWS::S3::Bucket")
    .filter(({ properties }) => JSON.stringify(properties["BucketName"]).includes("-data-"))
    .flatMap(({ properties }) => asList(at(properties["LifecycleConfiguration"], "Rules")));

const ttlOf = (properties: Resource["properties"]): string => {
  const attribute = at(properties["TimeToLiveSpecification"], "AttributeName");
  return attribute === undefined ? "-" : `\`${String(attribute)}\``;
};

export function isRecoverable(properties: Resource["properties"]): boolean {
  const text = JSON.stringify(properties);
  return text.includes('"PointInTimeRecoveryEnabled":true');
}

/** A physical name, also one that is put together from parts. */
export const nameOf = (value: Json | undefined): string =>
  typeof value === "string"
    ? value
    : asList(at(value, "Fn::Join", 1))
        .filter((part) => typeof part === "string")
        .join("");

const days = (count: number): string => (count === 1 ? "1 day" : `${count} days`);
const list = (fields: readonly string[]): string => fields.map((field) => `\`${field}\``).join(", ");
const sorted = (rows: readonly string[][]): string[][] =>
  rows.toSorted((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
