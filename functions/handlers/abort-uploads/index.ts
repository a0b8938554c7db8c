import { createAbortUploadsDeps } from "./deps.ts";
import { abortUploadsEnv } from "./env.ts";
import { createAbortUploadsHandler } from "./handler.ts";

export const handler = createAbortUploadsHandler(createAbortUploadsDeps(abortUploadsEnv()));
