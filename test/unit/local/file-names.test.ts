import { describe, expect, it } from "vitest";
import { engineEnvironment } from "../../../local/engines/engine-process.ts";
import { formatProperties } from "../../../local/engines/trino.ts";

describe("a clone whose path is not plain ASCII", () => {
  it("is found by Trino, which reads its settings as Latin-1", () => {
    expect(formatProperties({ "plugin.dir": "/home/ana/Música 😀/hilo", "node.id": "hilo" })).toBe(
      "plugin.dir=/home/ana/M\\u00fasica \\ud83d\\ude00/hilo\nnode.id=hilo\n",
    );
  });

  it("is found by engines where the shell has no locale", () => {
    expect(engineEnvironment({})).toMatchObject({ LC_ALL: "C.UTF-8" });
  });
});
