import { MESSAGES } from "../../domain/lake-schema.ts";
import type { StoresOf } from "../../domain/personal-stores.ts";
import { USER_BEHAVIOR, USER_PATTERNS } from "../../domain/user-tables.ts";
import type { PersonalStore } from "../../ports/personal-store.ts";
import { trainingPerson } from "../training-record.ts";
import { BUCKET_FOLDERS } from "./bucket-folders.ts";
import { createHoldCopies, createPassingObjects } from "./folder-objects.ts";
import { jsonLineFiles } from "./json-line-people.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import { createOwnObjects } from "./own-objects.ts";
import { messageFiles, userFiles } from "./parquet-people.ts";
import { exportedItem, loggedPerson } from "./record-owners.ts";
import { createSharedObjects, type SharedFolder } from "./shared-objects.ts";

/** Name of a data file of DynamoDB's own export. */
const EXPORTED = /\/data\/[^/]+\.json\.gz$/;

/** The stores in the bucket, for one request. Objects are found by `user-objects`; each is written once for all of a call. */
export function createObjectStores(deps: ObjectStoresDeps): Record<StoresOf<"objects">, PersonalStore> {
  const messages = messageFiles(MESSAGES, deps.rows);
  const behavior = userFiles(USER_BEHAVIOR.schema, deps.userRows(USER_BEHAVIOR));
  const patterns = userFiles(USER_PATTERNS.schema, deps.userRows(USER_PATTERNS));
  const logs = jsonLineFiles(loggedPerson, (userId) => trainingPerson(userId, deps.keys));
  const exported = jsonLineFiles(exportedItem);
  const own = (name: "media" | "quarantine-bodies" | "tool-results"): PersonalStore =>
    createOwnObjects(name, BUCKET_FOLDERS[name].prefixes[0], deps);
  const shared = (
    name: "lake" | "training-logs" | "user-behavior",
    filesOf: SharedFolder["filesOf"],
  ): PersonalStore => createSharedObjects({ name, prefix: BUCKET_FOLDERS[name].prefixes[0], filesOf }, deps);

  return {
    lake: shared("lake", (key) => (key.endsWith(".parquet") ? messages : undefined)),
    "training-logs": shared("training-logs", (key) => (key.endsWith(".gz") ? logs : undefined)),
    "user-behavior": shared("user-behavior", (key) =>
      key === USER_PATTERNS.key("") ? patterns : key.endsWith(".parquet") ? behavior : undefined,
    ),
    media: own("media"),
    "tool-results": own("tool-results"),
    "quarantine-bodies": own("quarantine-bodies"),
    backups: createSharedObjects(
      {
        name: "backups",
        prefix: "backups/dynamodb/",
        filesOf: (key) => (EXPORTED.test(key) ? exported : undefined),
        isListed: true,
      },
      deps,
    ),
    passing: createPassingObjects(deps),
    holds: createHoldCopies(deps),
  };
}
