import "../functions/handlers/one/handler.ts";
import "../test/helper.ts";
export const stack = 1;
