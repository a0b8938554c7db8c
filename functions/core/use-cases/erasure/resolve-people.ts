import { mapBounded } from "../../domain/batches.ts";
import type { ErasureSubject } from "../../domain/erasure.ts";
import type { Identities, IdentityLink } from "../../ports/identities.ts";

export interface ResolveDeps {
  readonly identities: Pick<Identities, "ofAlias" | "ofPerson">;
}

/** The ids of one person. */
interface Closure {
  /** What was given and is not excluded, then what the links add. */
  readonly userIds: readonly string[];
  /** Linked to others, too, and not decided on; a given one is among `userIds` all the same. */
  readonly undecided: readonly string[];
  /** Whom the links belong to. */
  readonly personIds: readonly string[];
}

const PEOPLE_AT_ONCE = 16;

/**
 * Finds every id of people: from each id to its person and on to all of that person's ids, until nothing is new. An id
 * that is linked to more than one person (a number that was passed on) leads nowhere: it is `undecided`, unless it is
 * among `include` (erased with whom it was found for) or `exclude` (left alone).
 * @returns the people in their order; those that turn out to be one are one, numbered anew from 1
 * @throws TransientError | PermanentError
 */
export async function resolvePeople(
  subjects: readonly ErasureSubject[],
  deps: ResolveDeps,
): Promise<ErasureSubject[]> {
  const closures = await mapBounded(subjects, PEOPLE_AT_ONCE, (subject) => closureOf(subject, deps));
  const groups = new Map<number, { subjects: ErasureSubject[]; closures: Closure[] }>();
  const leaders = groupsOf(closures);
  for (const [index, subject] of subjects.entries()) {
    const leader = leaders[index] as number;
    const group = groups.get(leader) ?? { subjects: [], closures: [] };
    groups.set(leader, group);
    group.subjects.push(subject);
    group.closures.push(closures[index] as Closure);
  }
  return [...groups.values()].map((group, index) => merge(group, index + 1));
}

/**
 * As `resolvePeople`, for one person whose number stays. What was found before was decided on, and stays. It goes on from
 * the person, too: the links of erased ids are erased, and only `person_ids` still lead to one that is made later.
 * @param until leaves out links that began later: they are of a life after the fence. They count only where they say that an
 * id that was not known belongs to somebody else, too. ISO 8601
 */
export async function resolveFurther(
  subject: ErasureSubject,
  until: string | undefined,
  deps: ResolveDeps,
): Promise<ErasureSubject> {
  const { user_ids: known, include = [] } = subject;
  const { undecided: _, ...decided } = subject;
  const closure = await closureOf({ ...subject, include: [...include, ...known] }, deps, until);
  const userIds = unique([...known, ...closure.userIds]);
  const { undecided } = closure;
  const personIds = unique([...(subject.person_ids ?? []), ...closure.personIds]);
  return {
    ...decided,
    user_ids: userIds,
    ...(personIds.length > 0 && { person_ids: personIds }),
    ...(undecided.length > 0 && { undecided }),
  };
}

async function closureOf(
  { user_ids: given, person_ids = [], include = [], exclude = [] }: ErasureSubject,
  { identities }: ResolveDeps,
  until?: string,
): Promise<Closure> {
  const [included, excluded] = [new Set(include), new Set(exclude)];
  const isMeant = (link: IdentityLink): boolean => until === undefined || link.valid_from <= until;
  const waiting = unique(given).filter((id) => !excluded.has(id));
  const seen = new Set(waiting);
  const isGiven = new Set(waiting);
  const [userIds, undecided, personIds] = [new Set(waiting), new Set<string>(), new Set<string>()];
  const follow = async (owner: string): Promise<void> => {
    if (personIds.has(owner)) return;
    personIds.add(owner);
    for (const link of (await identities.ofPerson(owner)).filter(isMeant)) {
      if (seen.has(link.alias) || excluded.has(link.alias)) continue;
      seen.add(link.alias);
      waiting.push(link.alias);
    }
  };
  if (until !== undefined) for (const owner of person_ids) await follow(owner);
  for (const alias of waiting) {
    const links = await identities.ofAlias(alias);
    // One that is found only now would be fenced now: whoever has it since the fence is its owner, too.
    const counted = isGiven.has(alias) ? links.filter(isMeant) : links;
    const owners = unique(counted.map((link) => link.person_id));
    const isIncluded = included.has(alias);
    if (owners.length > 1) {
      if (!isIncluded) undecided.add(alias);
      if (isIncluded || isGiven.has(alias)) userIds.add(alias);
      continue;
    }
    userIds.add(alias);
    const [owner] = owners;
    if (owner !== undefined) await follow(owner);
  }
  return { userIds: [...userIds], undecided: [...undecided], personIds: [...personIds] };
}

/** For each closure the index of the first one that it is one person with: they share an id. */
function groupsOf(closures: readonly Closure[]): number[] {
  const parents = closures.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] as number;
    return root;
  };
  const firstWith = new Map<string, number>();
  for (const [index, { userIds }] of closures.entries()) {
    for (const id of userIds) {
      const [a, b] = [rootOf(index), rootOf(firstWith.get(id) ?? index)];
      parents[Math.max(a, b)] = Math.min(a, b);
      if (!firstWith.has(id)) firstWith.set(id, index);
    }
  }
  return closures.map((_, index) => rootOf(index));
}

function merge(
  {
    subjects,
    closures,
  }: { readonly subjects: readonly ErasureSubject[]; readonly closures: readonly Closure[] },
  person: number,
): ErasureSubject {
  const all = (key: "userIds" | "undecided" | "personIds") => unique(closures.flatMap((one) => one[key]));
  const decided = (key: "include" | "exclude") => unique(subjects.flatMap((one) => one[key] ?? []));
  const [personIds, undecided] = [all("personIds"), all("undecided")];
  const [include, exclude] = [decided("include"), decided("exclude")];
  return {
    person,
    user_ids: all("userIds"),
    ...(personIds.length > 0 && { person_ids: personIds }),
    ...(undecided.length > 0 && { undecided }),
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
  };
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
