import "../one/handler.ts";
import "./gone.ts";
export const two = 1;
