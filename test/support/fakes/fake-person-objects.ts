import type { PersonObjects } from "../../../functions/core/ports/person-objects.ts";
import type { FakeLakePeople } from "./fake-lake-people.ts";

/** The same table in memory as its eraser sees it. */
export const fakePersonObjects = (table: FakeLakePeople): PersonObjects => ({
  async *list(userId, prefix) {
    const mine = table.entries().filter(({ user_id, key }) => user_id === userId && key.startsWith(prefix));
    yield* mine.sort((a, b) => (a.key < b.key ? -1 : 1));
  },

  async remove(entries) {
    const before = table.entries().length;
    for (const { key, ...person } of entries) table.remove(key, person);
    return before - table.entries().length;
  },
});
