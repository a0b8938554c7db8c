import { expect, it } from "vitest";
import { documentId, documentVersion } from "../../../functions/core/domain/search-document.ts";

it("documentId tells the pairs (user, message) apart", () => {
  const ids = [documentId("web:a", "b"), documentId("web:", "ab"), documentId("web:a", "c")];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
});

it("documentVersion is the revision of the first generation, and grows with the generation first", () => {
  expect(documentVersion({ generation: 1, revision: 7 })).toBe(7);
  const states = [1, 2, 3, 2_000_000].flatMap((generation) =>
    [1, 2, 1_000_000].map((revision) => documentVersion({ generation, revision })),
  );
  expect(states.every(Number.isSafeInteger)).toBe(true);
  expect(states).toEqual([...new Set(states)].sort((a, b) => a - b));
});
