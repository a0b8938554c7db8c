import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { ObjectIndex, ObjectStore } from "../../../functions/core/ports/object-store.ts";
import { Scene } from "./scene.ts";

/** Objects and their index, with reads past the ports. */
export interface ObjectStores {
  readonly objectStore: ObjectStore;
  readonly objectIndex: ObjectIndex;
  read(key: string): Promise<{ body: string; contentType: string } | undefined>;
  indexed(userId: string): Promise<{ key: string; generation: number }[]>;
}

/** What every object store and object index holds to. */
export function objectStoreSuite(name: string, open: () => Promise<ObjectStores>): void {
  describe(`ObjectStore and ObjectIndex: ${name}`, () => {
    let stores: ObjectStores;
    beforeAll(async () => {
      stores = await open();
    });

    it("writes an object whole, exactly, and again", async () => {
      const key = `tool-results/2026/11/20/${randomUUID()}.json`;
      const body = JSON.stringify({ text: "ñ 🙂 \u0000", size: "x".repeat(100_000) });
      await stores.objectStore.put(key, "{}", "text/plain");
      await stores.objectStore.put(key, body, "application/json");
      expect(await stores.read(key)).toEqual({ body, contentType: "application/json" });
      expect(await stores.read(`${key}.bak`)).toBeUndefined();
    });

    it("reads an object as it was written, and nothing once it is removed", async () => {
      const key = `quarantine/2026/11/20/${randomUUID()}.json`;
      expect(await stores.objectStore.get(key)).toBeUndefined();
      await stores.objectStore.put(key, "\ufeff{ ñ 🙂", "application/json");
      await stores.objectStore.put(`${key}.bak`, "other", "application/json");
      expect(await stores.objectStore.get(key)).toBe("\ufeff{ ñ 🙂");
      await stores.objectStore.remove(key);
      await stores.objectStore.remove(key);
      expect(await stores.objectStore.get(key)).toBeUndefined();
      expect(await stores.objectStore.get(`${key}.bak`)).toBe("other");
    });

    it("raises a generation and never lowers it", async () => {
      const { userId: user_id } = new Scene();
      const add = (generation: number) => stores.objectIndex.add({ user_id, key: "a", generation });
      await add(1);
      await add(3);
      await add(3);
      await expect(add(2)).rejects.toMatchObject({ name: "TransientError" });
      expect(await stores.indexed(user_id)).toEqual([{ key: "a", generation: 3 }]);
    });

    it("finds a person's objects, each once, and nobody else's", async () => {
      const scene = new Scene();
      for (const key of ["a", "b", "a"]) {
        await stores.objectIndex.add({ user_id: scene.userId, key, generation: 2 });
      }
      await stores.objectIndex.add({ user_id: `${scene.userId}4`, key: "c", generation: 1 });
      expect(await stores.indexed(scene.userId)).toEqual([
        { key: "a", generation: 2 },
        { key: "b", generation: 2 },
      ]);
    });
  });
}
