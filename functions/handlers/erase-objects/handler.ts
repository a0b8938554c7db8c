import { createEraserHandler } from "../../runtime/eraser-handler.ts";

export type { EraserHandlerDeps as EraseObjectsHandlerDeps } from "../../runtime/eraser-handler.ts";

/** Function `erase-objects`: counts, erases and verifies people in the objects of the bucket. */
export const createEraseObjectsHandler = createEraserHandler;
