import type { StoresOf } from "../domain/personal-stores.ts";
import type { PersonalStore } from "../ports/personal-store.ts";
import type { ObjectStoresDeps } from "./erasure/object-deps.ts";
import { createObjectStores } from "./erasure/object-stores.ts";

/** What is held in the bucket about a person, to be read only: nothing of a request is remembered. */
export const createObjectExports = (
  deps: Omit<ObjectStoresDeps, "work" | "writerLifeMs">,
): Readonly<Record<StoresOf<"objects">, Pick<PersonalStore, "export">>> =>
  createObjectStores({
    ...deps,
    writerLifeMs: 0,
    work: { remember: async () => undefined, remembered: async () => [] },
  });
