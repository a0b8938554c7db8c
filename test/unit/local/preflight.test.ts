import { describe, expect, it } from "vitest";
import {
  diskProblem,
  findMachineProblems,
  isAtLeast,
  mavenProblem,
  memoryProblem,
  nodeProblem,
  parseVersion,
  pythonProblem,
} from "../../../local/preflight.mjs";

const GIGABYTE = 2 ** 30;

describe("versions", () => {
  it.each([
    ["Python 3.11.7", [3, 11, 7]],
    ["\u001b[1mApache Maven 3.8.7\u001b[m", [3, 8, 7]],
    ["Apache Maven 4.0.0-rc-2", [4, 0, 0]],
    ["v24.21.0", [24, 21, 0]],
    ["Python 3.14", [3, 14, 0]],
  ])("are read from %j", (output, version) => {
    expect(parseVersion(output)).toEqual(version);
  });

  it("are none where there is no number", () => {
    expect(parseVersion("command not found")).toBeUndefined();
  });

  it.each([
    [[3, 9, 19], [3, 10], false],
    [[3, 10, 0], [3, 10], true],
    [[4, 0], [3, 10], true],
    [[20, 0, 0], [20], true],
    [[19, 9, 9], [20], false],
  ])("compare %j with %j number by number", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});

describe("each problem names what is wrong and how to mend it", () => {
  it.each([
    ["18.20.0", /Node 18\.20\.0 is too old.*nodejs\.org/],
    ["19.9.9", /too old/],
  ])("Node %s", (version, message) => {
    expect(nodeProblem(version)).toMatch(message);
  });

  it.each([
    [undefined, true, /Python is missing.*apt install/],
    ["Python 3.9.2", true, /3\.9\.2 is too old/],
    ["Python 3.12.1", false, /venv.*apt install python3-venv/],
  ])("Python %j, venv %j", (output, hasVenv, message) => {
    expect(pythonProblem(output, hasVenv)).toMatch(message);
  });

  it.each([
    [undefined, /Maven.*missing.*apt install maven/],
    ["The JAVA_HOME environment variable is not defined correctly", /Maven.*no Java/],
    ["Apache Maven 3.5.4", /too old/],
  ])("Maven %j", (output, message) => {
    expect(mavenProblem(output)).toMatch(message);
  });

  it("memory and disk", () => {
    expect(memoryProblem(2 * GIGABYTE)).toMatch(/2\.0 GB of memory/);
    expect(diskProblem(0.5 * GIGABYTE, "/home/clone", 3)).toMatch(/0\.5 GB are free in \/home\/clone.*3 GB/);
  });

  it("and there is none where all is well", async () => {
    expect(nodeProblem("20.0.0")).toBeUndefined();
    expect(pythonProblem("Python 3.10.0", true)).toBeUndefined();
    expect(mavenProblem("Apache Maven 3.6.3")).toBeUndefined();
    expect(memoryProblem(8 * GIGABYTE)).toBeUndefined();
    expect(diskProblem(4 * GIGABYTE, "/", 3)).toBeUndefined();
    expect(await findMachineProblems(process.cwd(), { toInstall: false })).toEqual([]);
  });
});
