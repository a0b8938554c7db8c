/** That an id (alias) belongs to a person, from when to when. */
export interface IdentityLink {
  /** `<channel>:<native id>` */
  readonly alias: string;
  /** Hilo's own id of the person: `person_<uuid>`. */
  readonly person_id: string;
  /** ISO 8601, ms, UTC. */
  readonly valid_from: string;
  /** Absent: it still is. A recycled number has an end and belongs to somebody else after. */
  readonly valid_to?: string;
}

/** Which ids are one person (table `identities`, both ways: `alias` → `linked` and back). Reads are strong. */
export interface Identities {
  /** Links of an alias: more than one person means that it was passed on. */
  ofAlias(alias: string): Promise<IdentityLink[]>;
  ofPerson(personId: string): Promise<IdentityLink[]>;
  /** Writes a link both ways in one transaction; the same one again changes nothing but its `valid_to`. */
  link(link: IdentityLink): Promise<void>;
}
