import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createResponseCache } from "../../../functions/adapters/redis/response-cache.ts";
import { createSessionCache } from "../../../functions/adapters/redis/session-cache.ts";
import { COMMON_RESPONSE_SECONDS } from "../../../functions/core/ports/response-cache.ts";
import { fixedClock, later, NOW } from "../../support/builders.ts";
import { createFakeResponseCache } from "../../support/fakes/fake-response-cache.ts";
import { createFakeSessionCache } from "../../support/fakes/fake-session-cache.ts";
import { describeResponseCache } from "../suites/response-cache.ts";
import { describeSessionCache } from "../suites/session-cache.ts";
import { openRedis } from "./engine.ts";

const { redis, outside, close } = await openRedis();
afterAll(close);

const sessions = createSessionCache({ redis });
const responses = createResponseCache({ redis });
describeSessionCache("in memory", createFakeSessionCache(fixedClock()));
describeSessionCache("Valkey", sessions);
describeResponseCache("in memory", createFakeResponseCache(fixedClock()));
describeResponseCache("Valkey", responses);

describe("lives in Valkey", () => {
  it("gives a session 30 minutes, renewed by every access", async () => {
    const tag = randomUUID();
    await sessions.update(tag, 1, { session_id: "s" });
    expect(await outside.ttl(`session:{${tag}}`)).toBeGreaterThan(1_795);
    await outside.expire(`session:{${tag}}`, 10);
    await sessions.get(tag);
    expect(await outside.ttl(`session:{${tag}}`)).toBeGreaterThan(1_795);
  });

  it("gives an answer an hour, a common one a day", async () => {
    const type = randomUUID();
    await responses.set(type, "hola");
    expect(await outside.ttl(`response:${type}`)).toBeGreaterThan(3_590);
    await responses.set(type, "hola", COMMON_RESPONSE_SECONDS);
    expect(await outside.ttl(`response:${type}`)).toBeGreaterThan(86_390);
  });
});

describe("lives in memory", () => {
  it("ends a session after 30 idle minutes and an answer after its time", async () => {
    let now = NOW;
    const clock = () => new Date(now);
    const [fakeSessions, fakeResponses] = [createFakeSessionCache(clock), createFakeResponseCache(clock)];
    await fakeSessions.update("t", 1, { session_id: "s" });
    await fakeResponses.set("hola", "buenas", 60);
    now = later(60_000);
    expect(await fakeResponses.get("hola")).toBeUndefined();
    now = later(1_799_999);
    expect(await fakeSessions.get("t")).toEqual({ session_id: "s" });
    now = later(3_599_998);
    expect(await fakeSessions.get("t")).toEqual({ session_id: "s" });
    now = later(3_599_998 + 1_800_000);
    expect(await fakeSessions.get("t")).toBeUndefined();
  });
});
