// Removes a person from a file, in a process of its own, so that its peak memory is the removal's.
// Arguments: file, new file, user id. Prints what it took as JSON.

import { createMessageRowRemoval } from "../functions/adapters/parquet/row-removal.ts";
import { intoFile, withFile } from "./file-access.ts";

const [from = "", to = "", user_id = ""] = process.argv.slice(2);
const { rows, removed } = await withFile(from, (file) =>
  intoFile(to, (sink) =>
    createMessageRowRemoval().remove(file, [{ user_id, generation: 1 }], sink, () => undefined),
  ),
);
const megabytes = process.resourceUsage().maxRSS / 1_024;
console.log(JSON.stringify({ rows, removed: removed.get(user_id) ?? 0, megabytes }));
