import { expect, it } from "vitest";
import { redisFailure } from "../../../functions/adapters/redis/errors.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";

const named = (name: string, message: string, over: object = {}): Error =>
  Object.assign(new Error(message), { name }, over);

it.each([
  ["OOM command not allowed when used memory > 'maxmemory'. CANARIO", "TransientError"],
  ["LOADING Valkey is loading the dataset in memory", "TransientError"],
  ["READONLY You can't write against a read only replica.", "TransientError"],
  ["WRONGPASS invalid username-password pair CANARIO", "PermanentError"],
  ["NOAUTH Authentication required.", "PermanentError"],
  ["NOPERM User CANARIO has no permissions", "PermanentError"],
  ["ERR unknown command 'CANARIO', with args beginning with: 'CANARIO'", "PermanentError"],
  ["CANARIO whatsapp:+34600000001", "PermanentError"],
  ["user_script:12: CANARIO", "PermanentError"],
])("reads the reply %j as %s, without its text", (reply, name) => {
  const failure = redisFailure(named("ReplyError", reply), undefined);
  expect(failure.name).toBe(name);
  expect(failure.message.replace(/\(CANARIO\)/, "")).not.toMatch(/CANARIO|whatsapp/);
  expect(failure.message).toMatch(/^Valkey: .+: .+/);
});

it.each([
  ["ECONNREFUSED", "TransientError", "security group"],
  ["ENOTFOUND", "TransientError", "DNS"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "PermanentError", "rediss://"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "PermanentError", "rediss://"],
])("names the connection's cause %s", (code, name, remedy) => {
  const failure = redisFailure(
    named("MaxRetriesPerRequestError", "Reached the max retries"),
    named("Error", "connect 10.0.0.1", { code }),
  );
  expect(failure.name).toBe(name);
  expect(failure.message).toContain(remedy);
});

it("calls a command that timed out transient, and leaves its own errors alone", () => {
  expect(redisFailure(named("Error", "Command timed out"), undefined).name).toBe("TransientError");
  const own = new PermanentError("Valkey: said before");
  expect(redisFailure(own, undefined)).toBe(own);
});
