export { send } from "../cli/commands/send.ts";
