import { beforeAll, describe, expect, it } from "vitest";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import type { Quarantine, QuarantineEntry } from "../../../functions/core/ports/quarantine.ts";
import { Scene } from "./scene.ts";

/** A quarantine and what it holds of a person, read past the port. */
export interface QuarantineStores {
  readonly quarantine: Quarantine;
  held(userId: string): Promise<Pick<QuarantineEntry, "source_id" | "code" | "field" | "detail" | "body">[]>;
  fence(tag: string, fence: Fence): Promise<void>;
}

/** What every quarantine holds to. */
export function quarantineSuite(name: string, open: () => Promise<QuarantineStores>): void {
  describe(`Quarantine: ${name}`, () => {
    let stores: QuarantineStores;
    beforeAll(async () => {
      stores = await open();
    });

    const entryOf = (scene: Scene, over: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
      user_id: scene.userId,
      first_received_at: scene.start,
      source_id: "source-1",
      code: "invalid-field",
      field: "metadata.message_id",
      detail: "must be 1 to 128 characters",
      body: { text: '{"mensaje":"\u0000 🙂 \\ud800"}' },
      ...over,
    });

    it("keeps an entry exactly, and the same one again once", async () => {
      const scene = new Scene();
      const entry = entryOf(scene);
      expect(await stores.quarantine.put(entry)).toBe("kept");
      expect(await stores.quarantine.put({ ...entry, code: "other" })).toBe("kept");
      const other = entryOf(scene, {
        source_id: "source-2",
        body: { object: "quarantine/x.json", bytes: 400_000 },
      });
      expect(await stores.quarantine.put(other)).toBe("kept");
      expect(await stores.held(scene.userId)).toEqual(
        [entry, other].map(({ source_id, code, field, detail, body }) => ({
          source_id,
          code,
          field,
          detail,
          body,
        })),
      );
    });

    it("keeps 300 KB of text", async () => {
      const scene = new Scene();
      const entry = entryOf(scene, { body: { text: "x".repeat(300_000) } });
      expect(await stores.quarantine.put(entry)).toBe("kept");
      expect((await stores.held(scene.userId))[0]?.body).toEqual(entry.body);
    });

    it("asks the ledger where the person is known", async () => {
      const scene = new Scene();
      const known = entryOf(scene, { tag: scene.tag, generation: 1 });
      expect(await stores.quarantine.put(known)).toBe("kept");
      await stores.fence(scene.tag, { generation: 1, fenced_at: scene.at(1000) });
      expect(await stores.quarantine.put({ ...known, source_id: "source-2" })).toBe("stale-generation");
      expect(await stores.quarantine.put({ ...known, source_id: "source-3", generation: 2 })).toBe("kept");
      expect((await stores.held(scene.userId)).map(({ source_id }) => source_id)).toEqual([
        "source-1",
        "source-3",
      ]);
    });
  });
}
