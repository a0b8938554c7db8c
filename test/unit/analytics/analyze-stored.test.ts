import { describe, expect, it } from "vitest";
import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import type { RoutedMessage } from "../../../functions/core/domain/message.ts";
import type {
  Analysis,
  AnalysisRequest,
  MessageAnalyzer,
} from "../../../functions/core/ports/message-analyzer.ts";
import { analyzeStored } from "../../../functions/core/use-cases/analyze-stored.ts";
import { aDeletionOf, aRoutedMessage, fixedClock, later } from "../../support/builders.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const local = createLocalAnalyzer();

/** The real analyzer, with a note of what it was asked. */
function listening(analyzer: MessageAnalyzer = local) {
  const requests: AnalysisRequest[] = [];
  return {
    requests,
    analyzer: {
      analyze: async (asked: readonly AnalysisRequest[]) => {
        requests.push(...asked);
        return analyzer.analyze(asked);
      },
    },
  };
}

/** Stores a batch and analyses it. */
async function run(messages: readonly RoutedMessage[], analyzer: MessageAnalyzer = local) {
  const tables = new FakeTables(fixedClock());
  const store = createFakeMessageStore(tables);
  const reader = createFakeMessageReader(tables);
  const stored = await store.store(messages);
  const deps = { reader, store, analyzer };
  const analyse = () => analyzeStored({ messages, stored }, deps);
  const redeliver = async () => analyzeStored({ messages, stored: await store.store(messages) }, deps);
  const { outcomes } = await analyse();
  return { outcomes, analyse, redeliver, rows: () => reader.recent(messages[0]?.user_id ?? "", 1, 100) };
}

const message = (index: number, over: Partial<RoutedMessage> = {}): RoutedMessage =>
  aRoutedMessage({ message_id: `m-${index}`, timestamp: later(-10_000 + index), ...over });

describe("analyzeStored", () => {
  it("fills what a person's message has not and raises its revision", async () => {
    const { outcomes, rows } = await run([message(0, { content: "qué decepción, quiero mi reembolso" })]);
    expect(outcomes).toMatchObject([{ item: 0, status: "analysed", revision: 2 }]);
    expect((await rows())[0]).toMatchObject({
      revision: 2,
      metadata: { sentiment: "negative", intent: "refund", language: "es" },
    });
  });

  it("keeps what a producer said, and gives no score to another's sentiment", async () => {
    const metadata = { sentiment: "positive", intent: "own_intent", note: "kept" } as const;
    const { rows } = await run([message(0, { content: "pésimo servicio", metadata })]);
    expect((await rows())[0]?.metadata).toEqual({ ...metadata, language: "es" });
  });

  it("asks only for what is missing, and for the language only of what no person wrote", async () => {
    const { requests, analyzer } = listening();
    await run(
      [
        message(0, { content: "hola" }),
        message(1, { content: "hola", metadata: { language: "es-CL", intent: "greeting" } }),
        message(2, { content: "Su pedido va en camino.", role: "assistant" }),
        message(3, { content: "Sesión iniciada.", role: "system", metadata: { language: "es" } }),
        message(4, { content: "" }),
      ],
      analyzer,
    );
    expect(requests.map(({ aspects, language }) => [[...aspects].sort(), language])).toEqual([
      [["intent", "language", "sentiment"], undefined],
      [["sentiment"], "es-CL"],
      [["language"], undefined],
    ]);
  });

  it("changes nothing when the message comes again, and says that the row is beyond what was stored", async () => {
    const { redeliver, rows } = await run([message(0, { content: "gracias, todo perfecto" })]);
    expect((await redeliver()).outcomes).toEqual([{ item: 0, status: "lost" }]);
    expect((await rows())[0]?.revision).toBe(2);
  });

  it("repeated after its answer was lost says that the row changed, so that index and cache follow", async () => {
    const { analyse, rows } = await run([message(0, { content: "gracias, todo perfecto" })]);
    expect((await analyse()).outcomes).toEqual([{ item: 0, status: "lost" }]);
    expect((await rows())[0]?.revision).toBe(2);
  });

  it("skips what was deleted", async () => {
    const first = message(0, { content: "hola" });
    const { outcomes } = await run([first, aDeletionOf(first, { timestamp: later(0) })]);
    expect(outcomes.map(({ status }) => status)).toEqual(["skipped", "skipped"]);
  });

  it("reports a text that failed and writes the others", async () => {
    const analyzer: MessageAnalyzer = {
      analyze: async (requests) => {
        const analyses = await local.analyze(requests);
        return analyses.map(
          (analysis, position): Analysis =>
            position === 1 ? { failure: "Comprehend: INTERNAL_SERVER_ERROR" } : analysis,
        );
      },
    };
    const messages = [0, 1, 2].map((index) => message(index, { content: "gracias por todo" }));
    const { outcomes } = await run(messages, analyzer);
    expect(outcomes.map(({ status }) => status)).toEqual(["analysed", "failed", "analysed"]);
    expect(outcomes[1]).toMatchObject({ item: 1, reason: "Comprehend: INTERNAL_SERVER_ERROR" });
  });
});
