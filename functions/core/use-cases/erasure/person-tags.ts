import type { ErasureSubject, ErasureTarget } from "../../domain/erasure.ts";
import type { KeyChain } from "../../domain/key-chain.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";

/** Keyed hashes of ids. */
export type TagChain = Pick<KeyChain, "tag" | "tags">;

/** What an id is erased up to. */
export const targetOf = (
  userId: string,
  generation: number,
  fencedAt: string,
  keys: TagChain,
): ErasureTarget => ({
  user_id: userId,
  tag: keys.tag(userId),
  tags: keys.tags(userId),
  generation,
  fenced_at: fencedAt,
});

/** Tags of a person under every key, as their targets have them. */
export const tagsOf = ({ targets = [] }: ErasureSubject): string[] => targets.flatMap(({ tags }) => tags);

/** Tags of a person's ids under every key that there is now. */
export const currentTagsOf = (
  { person, user_ids }: ErasureSubject,
  keys: Pick<TagChain, "tags">,
): { readonly person: number; readonly tags: string[] } => ({
  person,
  tags: user_ids.flatMap((id) => keys.tags(id)),
});

/** Numbers of the people that are held: a hold on one of their ids is a hold on them. */
export async function heldAmong(
  people: readonly { readonly person: number; readonly tags: readonly string[] }[],
  holds: Pick<LegalHolds, "held">,
): Promise<Set<number>> {
  const tags = new Set(people.flatMap((person) => person.tags));
  if (tags.size === 0) return new Set();
  const held = await holds.held([...tags]);
  return new Set(people.filter((one) => one.tags.some((tag) => held.has(tag))).map(({ person }) => person));
}
