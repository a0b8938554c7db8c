import { PermanentError } from "../domain/errors.ts";
import type { StoresOf } from "../domain/personal-stores.ts";
import type { PersonalStore } from "../ports/personal-store.ts";
import type { ObjectStoresDeps } from "./erasure/object-deps.ts";
import { createObjectStores } from "./erasure/object-stores.ts";

/** What is held in the bucket about a person, to be read only: whatever would change something refuses. */
export const createObjectExports = (
  deps: Pick<ObjectStoresDeps, "people" | "objects" | "versions" | "rows" | "userRows" | "keys">,
): Readonly<Record<StoresOf<"objects">, Pick<PersonalStore, "export">>> =>
  createObjectStores({
    ...deps,
    writerLifeMs: 0,
    index: { add: refuse },
    notes: { add: refuse, all: refuse },
    days: {
      fenceSequence: refuse,
      read: refuse,
      recordUpload: refuse,
      forgetUpload: refuse,
      record: refuse,
    },
  });

const refuse = async (): Promise<never> => {
  throw new PermanentError("an access report changes nothing: this is a fault of the program");
};
