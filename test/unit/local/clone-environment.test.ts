import { describe, expect, it } from "vitest";
import { cloneEnvironment } from "../../../local/node24.mjs";

describe("the environment of the clone's programs", () => {
  it.each([
    [{}, "127.0.0.1"],
    [{ HTTP_PROXY: "http://proxy:8080" }, "127.0.0.1"],
    [{ NO_PROXY: ".corp" }, ".corp,127.0.0.1"],
    [{ NO_PROXY: ".old", no_proxy: ".corp" }, ".corp,127.0.0.1"],
  ])("with %o leads to the engines past %s", (given, direct) => {
    const environment = cloneEnvironment("/clone", "/opt/node/bin/node", { PATH: "/usr/bin", ...given });
    expect(environment).toMatchObject({ NO_PROXY: direct, no_proxy: direct });
    expect(environment["PATH"]).toBe("/clone/node_modules/.bin:/opt/node/bin:/usr/bin");
  });
});
