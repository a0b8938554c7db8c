import type { KeyChain } from "../domain/key-chain.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { ErasureRequest, ErasureRequests } from "../ports/erasure-requests.ts";
import type { LakeAudit } from "../ports/lake-audit.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import { trainingPerson } from "./training-record.ts";

export interface LakeAuditDeps {
  readonly audit: LakeAudit;
  /** The index that is audited. */
  readonly people: LakePeople;
  readonly ledger: ErasureLedger;
  readonly keys: KeyChain;
}

/** An object that holds rows of an audited id. */
export interface AuditedObject {
  /** Place in the list of people, from 0. */
  readonly person: number;
  /** Place in the list of their ids, from 0. */
  readonly id: number;
  /** Key of the object. */
  readonly object: string;
  readonly generation: number;
  readonly rows: number;
  /** Whether `user-objects` names it for the id, in this generation or a later one. */
  readonly indexed: boolean;
  /** Whether the ledger says that this generation is erased: such rows may be there only until their erasure is done. */
  readonly erased: boolean;
}

/** What the lake holds of people, whatever the index says. Holds no id. */
export interface LakeAuditReport {
  readonly found: readonly AuditedObject[];
  /** Objects that were read. */
  readonly objects: number;
  /** Keys of objects that no query reads. */
  readonly unread: readonly string[];
  readonly bytesScanned: number;
}

/**
 * Scans the lake once for any number of people and compares it with the index. Changes nothing.
 * @param people ids of each
 * @throws TransientError | PermanentError | QueryFailedError: then nothing is known
 */
export async function auditLake(
  people: readonly (readonly string[])[],
  deps: LakeAuditDeps,
): Promise<LakeAuditReport> {
  const asked = people.flatMap((ids, person) =>
    ids.flatMap((userId, id) =>
      [userId, trainingPerson(userId, deps.keys)].map((name) => ({ person, id, userId, name })),
    ),
  );
  const scan = await deps.audit.scan(asked.map(({ name }) => name));
  const rows = scan.rows.flatMap((row) => {
    const about = asked[row.id];
    return about === undefined ? [] : [{ ...row, ...about }];
  });
  const fences = await deps.ledger.fences([...new Set(rows.map(({ userId }) => deps.keys.tag(userId)))]);
  const found: AuditedObject[] = [];
  for (const { person, id, userId, object, generation, rows: count } of rows) {
    found.push({
      person,
      id,
      object,
      generation,
      rows: count,
      indexed: (await deps.people.missing(object, [{ user_id: userId, generation }])) === 0,
      erased: generation <= (fences.get(deps.keys.tag(userId))?.generation ?? 0),
    });
  }
  const { objects, unread, bytesScanned } = scan;
  return { found, objects, unread, bytesScanned };
}

/** What an audit found of one request. */
export interface RequestAudit {
  readonly request_id: string;
  /** Rows of erased generations that are still in the lake. */
  readonly residue: number;
  /** Objects that the index did not name; it does now. */
  readonly missed: number;
}

/** Requests whose people are fenced and whose raw ids are still there. */
const isAudited = ({ status, fenced_at }: ErasureRequest): boolean =>
  fenced_at !== undefined && status !== "closed";

/**
 * The daily audit: one scan for the people of all requests that are not closed. What the index missed is put into it,
 * so that the request's next pass finds and erases it. People under a legal hold are not fenced and not asked for.
 */
export async function auditOpenRequests(
  deps: LakeAuditDeps & { readonly requests: Pick<ErasureRequests, "open" | "subjects"> },
): Promise<RequestAudit[]> {
  const requests = (await deps.requests.open()).filter(isAudited);
  const people: { request: string; ids: readonly string[] }[] = [];
  for (const { request_id: request } of requests)
    for (const { targets = [] } of await deps.requests.subjects(request))
      if (targets.length > 0) people.push({ request, ids: targets.map(({ user_id }) => user_id) });
  if (people.length === 0) return [];
  const { found } = await auditLake(
    people.map(({ ids }) => ids),
    deps,
  );
  const audits = new Map(requests.map(({ request_id }) => [request_id, { residue: 0, missed: 0 }]));
  for (const { person, id, object, generation, rows, indexed, erased } of found) {
    const about = people[person];
    const userId = about?.ids[id];
    const counts = audits.get(about?.request ?? "");
    if (userId === undefined || counts === undefined || !erased) continue;
    counts.residue += rows;
    if (indexed) continue;
    counts.missed += 1;
    await deps.people.add(object, [{ user_id: userId, generation }]);
  }
  return [...audits].map(([request_id, counts]) => ({ request_id, ...counts }));
}
