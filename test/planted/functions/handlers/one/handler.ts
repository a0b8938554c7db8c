import "../two/handler.ts";
import "../../../infra/stack.ts";
export const one = 1;
