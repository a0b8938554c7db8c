import { type Json, utf8Bytes } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { Message, ToolCall } from "../domain/message.ts";
import { datePath, type PersonalObjects, putPersonalObject } from "./personal-object.ts";

/** Larger tool results go to the bucket and leave a pointer. */
const MAX_TOOL_RESULT_BYTES = 32_768;

/**
 * The message with every large tool result replaced by `{object, bytes}`, written first. Another body under the same id, or
 * an older edit, has keys of its own: whether it counts is decided after.
 */
export async function offloadToolResults<
  M extends Message & { readonly generation: number; readonly body_hash: string },
>(message: M, deps: PersonalObjects & { readonly keys: KeyChain }): Promise<M> {
  if (!message.tool_calls?.some(isLarge)) return message;
  // Objects of different generations differ: erasing an earlier one leaves what came after alone.
  const later = message.generation > 1 ? [String(message.generation)] : [];
  const owner = deps.keys.identity(
    "object",
    message.user_id,
    message.message_id,
    message.body_hash,
    ...later,
  );
  const folder = `tool-results/${datePath(message.timestamp)}/${owner}`;
  const toolCalls = await Promise.all(
    message.tool_calls.map(async (call, position): Promise<ToolCall> => {
      if (!isLarge(call)) return call;
      const text = JSON.stringify(call.result);
      const key = `${folder}/${position}.json`;
      await putPersonalObject(deps, message, key, text);
      return { ...call, result: { object: key, bytes: utf8Bytes(text) } satisfies Json };
    }),
  );
  return { ...message, tool_calls: toolCalls };
}

const isLarge = (call: ToolCall): boolean =>
  call.result !== undefined && utf8Bytes(JSON.stringify(call.result)) > MAX_TOOL_RESULT_BYTES;
