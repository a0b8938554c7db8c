import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { plainLexicon } from "./baselines/plain-lexicon.ts";

export interface ComprehendCall {
  readonly operation: string;
  readonly texts: readonly string[];
  readonly languageCode: string | undefined;
}

/** A server that speaks Comprehend's JSON protocol and enforces its documented limits. */
export interface ComprehendServer extends AsyncDisposable {
  readonly endpoint: string;
  /** What was called, oldest first. */
  readonly calls: ComprehendCall[];
  /** Answers the next calls with this error of the service. */
  failNext(times: number, type: string, status: number): void;
}

const BATCH_LIMIT = 25;
const TEXT_LIMIT = 5_000;

/** A text that contains this word fails alone, as one that the service cannot process does. */
export const UNPROCESSABLE = "inprocesable";

/** Judges languages and sentiments by the plain lexicon: here the protocol matters, not the quality. */
export async function startComprehendServer(): Promise<ComprehendServer> {
  const calls: ComprehendCall[] = [];
  const failures: { readonly type: string; readonly status: number }[] = [];

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    const operation = String(request.headers["x-amz-target"]).replace("Comprehend_20171127.", "");
    const input = JSON.parse(await readText(request)) as { TextList: string[]; LanguageCode?: string };
    calls.push({ operation, texts: input.TextList, languageCode: input.LanguageCode });
    const failure = failures.shift();
    if (failure) return { status: failure.status, body: { __type: failure.type, message: "as asked" } };
    const { TextList: texts } = input;
    if (texts.length === 0 || texts.includes("")) return refusal("InvalidRequestException");
    if (texts.length > BATCH_LIMIT) return refusal("BatchSizeLimitExceededException");
    const errors = texts.flatMap((text, index) => {
      const code = errorOf(text);
      return code === undefined ? [] : [{ Index: index, ErrorCode: code, ErrorMessage: text }];
    });
    const failed = new Set(errors.map(({ Index }) => Index));
    const results = texts.flatMap((text, index) =>
      failed.has(index)
        ? []
        : [{ Index: index, ...(operation === "BatchDetectSentiment" ? feeling(text) : languages(text)) }],
    );
    // The service promises no order, only indexes.
    return { status: 200, body: { ResultList: results.reverse(), ErrorList: errors } };
  };

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify(body));
      },
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    failNext: (times, type, status) =>
      failures.push(...Array.from({ length: times }, () => ({ type, status }))),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const refusal = (type: string) => ({ status: 400, body: { __type: type, message: "refused" } });

function errorOf(text: string): string | undefined {
  if (Buffer.byteLength(text) > TEXT_LIMIT) return "TEXT_SIZE_LIMIT_EXCEEDED";
  return text.includes(UNPROCESSABLE) ? "INTERNAL_SERVER_ERROR" : undefined;
}

const languages = (text: string) => {
  const code = plainLexicon(text).language ?? (text.includes("obrigado") ? "pt" : "it");
  return {
    Languages: [
      { LanguageCode: "fr", Score: 0.01 },
      { LanguageCode: code, Score: 0.98 },
    ],
  };
};

const feeling = (text: string) => {
  const { sentiment } = plainLexicon(text);
  const scores = { Positive: 0.02, Negative: 0.02, Neutral: 0.02, Mixed: 0.02 };
  const name = (sentiment[0]?.toUpperCase() ?? "") + sentiment.slice(1);
  return { Sentiment: sentiment.toUpperCase(), SentimentScore: { ...scores, [name]: 0.937 } };
};
