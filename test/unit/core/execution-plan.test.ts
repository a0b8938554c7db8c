import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_EXECUTION_BYTES,
  messageBytes,
  planExecutions,
  type Routed,
} from "../../../functions/core/domain/execution-plan.ts";
import type { RoutedMessage } from "../../../functions/core/domain/message.ts";

const routed = (record: number, user: string, size: number, alone = false): Routed => ({
  record,
  alone,
  message: { user_id: user, content: "x".repeat(size) } as RoutedMessage,
});

describe("planExecutions", () => {
  it("puts a batch of small messages into one execution", () => {
    const lanes = planExecutions([routed(0, "a", 10), routed(1, "b", 10), routed(2, "a", 10)]);
    expect(lanes).toHaveLength(1);
    expect(lanes[0]).toHaveLength(1);
  });

  it("gives each person an execution of their own from the third receive on", () => {
    const lanes = planExecutions([routed(0, "a", 10, true), routed(1, "b", 10, true), routed(2, "c", 10)]);
    expect(lanes.map((lane) => lane.flat().map(({ record }) => record))).toEqual([[0], [1], [2]]);
  });

  it("holds every message once, each execution under the limit, each person's order within one lane", () => {
    const user = fc.constantFrom("a", "b", "c");
    const batch = fc.array(
      fc.record({ user, size: fc.integer({ min: 0, max: 150_000 }), alone: fc.boolean() }),
      {
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(batch, (items) => {
        const input = items.map(({ user: name, size, alone }, record) => routed(record, name, size, alone));
        const lanes = planExecutions(input);
        expect(
          lanes
            .flat(2)
            .map(({ record }) => record)
            .sort(),
        ).toEqual(input.map(({ record }) => record).sort());
        for (const chunk of lanes.flat()) {
          const bytes = chunk.reduce((sum, { message }) => sum + messageBytes(message), 0);
          expect(bytes).toBeLessThanOrEqual(MAX_EXECUTION_BYTES);
        }
        for (const name of ["a", "b", "c"]) {
          const own = lanes.filter((lane) => lane.flat().some(({ message }) => message.user_id === name));
          expect(own.length).toBeLessThanOrEqual(1);
          const order = (own[0] ?? []).flat().filter(({ message }) => message.user_id === name);
          expect(order.map(({ record }) => record)).toEqual(
            order.map(({ record }) => record).sort((a, b) => a - b),
          );
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
