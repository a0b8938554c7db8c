import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import type { MessageKind } from "../../../functions/core/domain/message.ts";
import { aStoredMessage, fixedClock } from "../../support/builders.ts";

/** The arguments of the script that one write runs, after its digest and keys. */
async function scriptArgs(kind: MessageKind, session_id: string): Promise<unknown[]> {
  const calls: unknown[][] = [];
  const pipeline = {
    evalsha: (...args: unknown[]) => calls.push(args),
    exec: async () => [[null, ["applied"]]],
  };
  const redis = {
    run: <T>(work: (connection: Redis) => Promise<T>) =>
      work({ pipeline: () => pipeline } as unknown as Redis),
    close: () => {},
  };
  const message = aStoredMessage({ session_id });
  await createContextCache({ redis, clock: fixedClock() }).write([
    { tag: "t", generation: 1, kind, message },
  ]);
  return calls[0]?.slice(4) ?? [];
}

describe("the session of a write", () => {
  it("is the message's", async () => {
    expect((await scriptArgs("message", "s-1"))[5]).toBe("s-1");
  });

  it.each(["edit", "delete"] as const)(
    "is left by an event of kind %s: it names its message's session, or none",
    async (kind) => {
      expect((await scriptArgs(kind, "-"))[5]).toBe("");
    },
  );
});
