import type { Identities, IdentityLink } from "../../../functions/core/ports/identities.ts";

/** Links between ids and people in memory. */
export class FakeIdentities implements Identities {
  readonly links = new Map<string, IdentityLink>();

  async ofAlias(alias: string) {
    return [...this.links.values()].filter((link) => link.alias === alias).toSorted(byName);
  }

  async ofPerson(personId: string) {
    return [...this.links.values()].filter((link) => link.person_id === personId).toSorted(byName);
  }

  async link({ alias, person_id, valid_from, valid_to }: IdentityLink) {
    const name = nameOf({ alias, person_id });
    this.links.set(name, {
      alias,
      person_id,
      valid_from: this.links.get(name)?.valid_from ?? valid_from,
      ...(valid_to !== undefined && { valid_to }),
    });
  }

  /** Removes a link both ways, as an eraser does. */
  remove(alias: string, personId: string): void {
    this.links.delete(nameOf({ alias, person_id: personId }));
  }
}

const nameOf = ({ alias, person_id }: Pick<IdentityLink, "alias" | "person_id">): string =>
  JSON.stringify([alias, person_id]);

const byName = (a: IdentityLink, b: IdentityLink): number => (nameOf(a) < nameOf(b) ? -1 : 1);
