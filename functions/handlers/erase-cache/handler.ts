import { createEraserHandler } from "../../runtime/eraser-handler.ts";

export type { EraserHandlerDeps as EraseCacheHandlerDeps } from "../../runtime/eraser-handler.ts";

/** Function `erase-cache`: counts, erases and verifies people in the cache. */
export const createEraseCacheHandler = createEraserHandler;
