import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { aDeletionOf, anEditOf } from "../../support/builders.ts";
import { Scene } from "../suites/scene.ts";
import { openDynamo, storesOf } from "./engine.ts";
import { overtakenClient } from "./faults.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

const direct = storesOf(engine);

/** Stores `slow`, while between its reading and its write another writer stores `fast`. */
const overtake = async (slow: RoutedMessage, fast: readonly RoutedMessage[]): Promise<string | undefined> => {
  const client = overtakenClient(engine.engines, () => direct.store.store(fast));
  return (await storesOf(engine, client).store.store([slow]))[0]?.status;
};

/** A message and its edits at one, two and three seconds. */
function history(scene: Scene) {
  // An answer gives no title: only its own items can stop a write.
  const message = scene.message({ role: "assistant" });
  const edit = (second: number): RoutedMessage =>
    anEditOf(message, { content: `edición ${second}`, timestamp: scene.at(second * 1000) });
  return { message, edits: [edit(1), edit(2), edit(3)] as const };
}

const rowOf = async (message: RoutedMessage) =>
  (await direct.reader.byKeys([{ user_id: message.user_id, sort_key: sortKeyOf(message) }]))[0];

describe("MessageStore on DynamoDB, overtaken between reading and writing", () => {
  it("by another message: both are counted", async () => {
    const scene = new Scene();
    const [first, second, third, fourth] = scene.messages(4) as [
      RoutedMessage,
      RoutedMessage,
      RoutedMessage,
      RoutedMessage,
    ];
    expect(await overtake(first, [second])).toBe("stored");
    expect(await overtake(third, [fourth])).toBe("stored");
    const profile = await direct.profiles.get(scene.userId, 1);
    expect(profile).toMatchObject({ total_conversations: 1, interaction_history: { total_messages: 4 } });
    const [header] = await direct.conversations.list(scene.userId, 1, 5);
    expect(header?.message_count).toBe(4);
  });

  it("by the same message: it is a duplicate", async () => {
    const message = new Scene().message();
    expect(await overtake(message, [message])).toBe("duplicate");
  });

  it("by a later edit, while the message has not come: the later one waits", async () => {
    const { message, edits } = history(new Scene());
    await direct.store.store([edits[0]]);
    expect(await overtake(edits[1], [edits[2]])).toBe("superseded");
    await direct.store.store([message]);
    expect(await rowOf(message)).toMatchObject({ content: "edición 3", revision: 2 });
  });

  it("by its message, as an early edit: it is applied", async () => {
    const { message, edits } = history(new Scene());
    expect(await overtake(edits[0], [message])).toBe("stored");
    expect(await rowOf(message)).toMatchObject({ content: "edición 1", revision: 2 });
  });

  it("by an early edit, as the message: it is stored edited", async () => {
    const { message, edits } = history(new Scene());
    expect(await overtake(message, [edits[0]])).toBe("stored");
    expect(await rowOf(message)).toMatchObject({ content: "edición 1", revision: 2 });
  });

  it("by a later edit of a stored message: the later one stays", async () => {
    const { message, edits } = history(new Scene());
    await direct.store.store([message]);
    expect(await overtake(edits[1], [edits[2]])).toBe("superseded");
    expect(await rowOf(message)).toMatchObject({ content: "edición 3", revision: 2 });
  });

  it("by a deletion: no text comes back", async () => {
    const { message, edits } = history(new Scene());
    await direct.store.store([message]);
    expect(await overtake(edits[2], [aDeletionOf(message)])).toBe("superseded");
    expect(await rowOf(message)).toMatchObject({ content: "", deleted: true });
  });

  it("by an analysis: the edit is applied to the next revision", async () => {
    const { message, edits } = history(new Scene());
    await direct.store.store([message]);
    const client = overtakenClient(engine.engines, async () => {
      const row = await rowOf(message);
      if (row)
        await direct.store.applyAnalyses([{ item: 0, tag: message.tag, row, filled: { intent: "x" } }]);
    });
    const outcomes = await storesOf(engine, client).store.store([edits[0]]);
    expect(outcomes).toMatchObject([{ status: "stored", revision: 3 }]);
  });

  it("by a fence: nothing is written", async () => {
    const scene = new Scene();
    const client = overtakenClient(engine.engines, () =>
      direct.fence(scene.tag, { generation: 1, fenced_at: scene.at(500) }),
    );
    const outcomes = await storesOf(engine, client).store.store([scene.message()]);
    expect(outcomes).toEqual([{ item: 0, status: "stale-generation" }]);
    expect(await rowOf(scene.message())).toBeUndefined();
    expect(await direct.profiles.get(scene.userId, 1)).toBeUndefined();
  });

  describe("an analysis", () => {
    const analysed = async (scene: Scene, meanwhile: (row: StoredMessage) => Promise<unknown>) => {
      await direct.store.store([scene.message()]);
      const row = (await rowOf(scene.message())) as StoredMessage;
      const client = overtakenClient(engine.engines, () => meanwhile(row));
      const update = { item: 0, tag: scene.tag, row, filled: { intent: "x" } };
      return storesOf(engine, client).store.applyAnalyses([update]);
    };
    const erase = ({ user_id, timestamp, message_id }: StoredMessage) =>
      engine.engines.documents.send(
        new DeleteCommand({
          TableName: engine.table("conversation-contexts"),
          Key: { user_id, timestamp: `${timestamp}#${message_id}` },
        }),
      );

    it("by a fence and the erasure behind it: nothing comes back", async () => {
      const scene = new Scene();
      const outcomes = await analysed(scene, async (row) => {
        await direct.fence(scene.tag, { generation: 1, fenced_at: scene.at(500) });
        await erase(row);
      });
      expect(outcomes).toEqual([{ item: 0, status: "lost" }]);
      expect(await rowOf(scene.message())).toBeUndefined();
    });

    it("by a fence alone: what it still changes is of the generation that the erasure removes", async () => {
      const scene = new Scene();
      const fence = { generation: 1, fenced_at: scene.at(500) };
      const outcomes = await analysed(scene, () => direct.fence(scene.tag, fence));
      expect(outcomes).toMatchObject([{ status: "analysed" }]);
      expect(await rowOf(scene.message())).toMatchObject({ generation: 1, revision: 2 });
      expect(await direct.reader.recent(scene.userId, 2, 10)).toEqual([]);
    });

    it("by the person's return with the same message: the new row stays as it is", async () => {
      const scene = new Scene();
      const outcomes = await analysed(scene, async () => {
        await direct.fence(scene.tag, { generation: 1, fenced_at: scene.at(500) });
        await direct.store.store([scene.message({ generation: 2 })]);
      });
      expect(outcomes).toEqual([{ item: 0, status: "lost" }]);
      expect(await rowOf(scene.message())).toMatchObject({ generation: 2, revision: 1, metadata: {} });
    });

    it("by a deletion: no intent of what was deleted", async () => {
      const scene = new Scene();
      const outcomes = await analysed(scene, () => direct.store.store([aDeletionOf(scene.message())]));
      expect(outcomes).toEqual([{ item: 0, status: "lost" }]);
      expect(await rowOf(scene.message())).toMatchObject({ deleted: true, metadata: {} });
    });
  });
});
