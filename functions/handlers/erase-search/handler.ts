import { createEraserHandler } from "../../runtime/eraser-handler.ts";

export type { EraserHandlerDeps as EraseSearchHandlerDeps } from "../../runtime/eraser-handler.ts";

/** Function `erase-search`: counts, erases and verifies people in the search index. */
export const createEraseSearchHandler = createEraserHandler;
