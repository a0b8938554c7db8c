import { ComprehendClient } from "@aws-sdk/client-comprehend";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { truncateUtf8 } from "../../../functions/adapters/comprehend/batches.ts";
import { createComprehendAnalyzer } from "../../../functions/adapters/comprehend/comprehend-analyzer.ts";
import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import { PermanentError, TransientError } from "../../../functions/core/domain/errors.ts";
import type { MessageAnalyzer } from "../../../functions/core/ports/message-analyzer.ts";
import { asking, describeMessageAnalyzer } from "../analytics/analyzer-contract.ts";
import {
  type ComprehendServer,
  startComprehendServer,
  UNPROCESSABLE,
} from "../analytics/comprehend-server.ts";

let server: ComprehendServer;
let analyzer: MessageAnalyzer;

beforeAll(async () => {
  server = await startComprehendServer();
  const client = new ComprehendClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  analyzer = createComprehendAnalyzer({ client, intents: createLocalAnalyzer() });
});
beforeEach(() => {
  server.calls.length = 0;
});
afterAll(() => server[Symbol.asyncDispose]());

describeMessageAnalyzer("Comprehend", () => analyzer);

describe("Comprehend analyzer", () => {
  it("calls in batches of 25, sentiment by language", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => (index < 30 ? "mi pedido es malo" : "it is bad"));
    await analyzer.analyze(texts.map((text) => asking(text)));
    const callsFor = (language: string | undefined) =>
      server.calls
        .filter(({ languageCode }) => languageCode === language)
        .map(({ operation, texts }) => `${operation} ${texts.length}`);
    expect(callsFor(undefined)).toEqual([
      "BatchDetectDominantLanguage 25",
      "BatchDetectDominantLanguage 25",
      "BatchDetectDominantLanguage 10",
    ]);
    expect(callsFor("es")).toEqual(["BatchDetectSentiment 25", "BatchDetectSentiment 5"]);
    expect(callsFor("en")).toEqual(["BatchDetectSentiment 25", "BatchDetectSentiment 5"]);
  });

  it("pays for nothing that is not asked or is known", async () => {
    await analyzer.analyze([
      asking("hola", { aspects: new Set(["intent"]) }),
      asking("hola", { aspects: new Set(["intent", "language"]), language: "es" }),
    ]);
    expect(server.calls).toEqual([]);
    await analyzer.analyze([asking("mi pedido es malo", { language: "es-MX" })]);
    expect(server.calls.map(({ operation }) => operation)).toEqual(["BatchDetectSentiment"]);
  });

  it("leaves the others alone when one text fails, and does not quote it", async () => {
    const [first, second, third] = await analyzer.analyze([
      asking("la atención es excelente"),
      asking(`mi texto es ${UNPROCESSABLE}`),
      asking("el servicio es malo"),
    ]);
    expect(first).toMatchObject({ metadata: { sentiment: "positive" } });
    expect(second).toEqual({ failure: "Comprehend: INTERNAL_SERVER_ERROR" });
    expect(third).toMatchObject({ metadata: { sentiment: "negative" } });
  });

  it.each([
    ["ThrottlingException", 400, TransientError],
    ["TooManyRequestsException", 400, TransientError],
    ["InternalServerException", 500, TransientError],
    ["AccessDeniedException", 400, PermanentError],
    ["InvalidRequestException", 400, PermanentError],
  ] as const)("%s becomes the error that says what to do", async (type, status, kind) => {
    server.failNext(1, type, status);
    const error: unknown = await analyzer
      .analyze([asking("es un secreto")])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain("Comprehend BatchDetectDominantLanguage");
    expect(String(error)).not.toContain("secreto");
  });

  it("cuts a text between characters at 5,000 bytes", async () => {
    await analyzer.analyze([asking(`es ${"ñ€😀".repeat(2_000)}`)]);
    const sent = server.calls[0]?.texts[0] ?? "";
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(5_000);
    expect(Buffer.byteLength(sent)).toBeGreaterThan(5_000 - 4);
    expect(sent).not.toContain("\ufffd");
  });
});

it.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "abc"],
  ["añb", 2, "a"],
  ["añb", 3, "añ"],
  ["😀😀", 7, "😀"],
  ["€", 2, ""],
])("truncates %j to %i bytes", (text, bytes, expected) => {
  expect(truncateUtf8(text, bytes)).toBe(expected);
});
