import { createHash } from "node:crypto";
import type { ErasureSubject } from "../../domain/erasure.ts";
import { canonicalJson, type Json } from "../../domain/json.ts";
import type { PersonState } from "../../ports/erasure-requests.ts";
import type { TagChain } from "./person-tags.ts";

/**
 * SHA-256 of what a plan is about: whose ids, what was decided about them, and what was counted. Ids go in as keyed
 * hashes, for the plan's hash is shown and logged: of a telephone number and a few counts a plain one can be guessed.
 */
export function planHash(
  requestId: string,
  subjects: readonly ErasureSubject[],
  people: readonly PersonState[],
  keys: Pick<TagChain, "tag">,
): string {
  const planned = new Map(people.map((state) => [state.person, state.planned]));
  const tagsOf = (ids: readonly string[] = []): string[] => ids.map((id) => keys.tag(id)).sort();
  const content = {
    request_id: requestId,
    people: subjects.map((subject) => ({
      person: subject.person,
      ids: tagsOf(subject.user_ids),
      undecided: tagsOf(subject.undecided),
      include: tagsOf(subject.include),
      exclude: tagsOf(subject.exclude),
      planned: { ...planned.get(subject.person) } as Json,
    })),
  };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}
