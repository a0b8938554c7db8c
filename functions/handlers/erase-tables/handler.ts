import { createEraserHandler } from "../../runtime/eraser-handler.ts";

export type { EraserHandlerDeps as EraseTablesHandlerDeps } from "../../runtime/eraser-handler.ts";

/** Function `erase-tables`: counts, erases and verifies people in the tables. */
export const createEraseTablesHandler = createEraserHandler;
