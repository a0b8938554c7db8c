import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { withInstallLock } from "../../../local/engines/install-lock.ts";
import { findProcess } from "../../../local/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "hilo-lock-"));
const lock = join(folder, "python.lock");
afterEach(() => rmSync(lock, { recursive: true, force: true }));

const install = (work = async (): Promise<string> => "installed"): Promise<string> =>
  withInstallLock(lock, AbortSignal.timeout(2_000), work);

describe("the lock of an installation", () => {
  it.each([
    ["this process has since got the id of", String(process.pid)],
    ["a stranger has since got the id of", `${process.ppid} node /clone/local/main.ts start /clone/.hilo`],
    ["whose id nobody has", "999999999 node"],
  ])("is taken over from an owner that was killed, %s", async (_, content) => {
    writeFileSync(lock, content);
    expect(await install()).toBe("installed");
  });

  it("that was never written whole is taken over", async () => {
    writeFileSync(lock, "");
    utimesSync(lock, new Date(0), new Date(0));
    expect(await install()).toBe("installed");
  });

  it("that can be neither written nor read says so", async () => {
    mkdirSync(lock);
    await expect(install()).rejects.toThrow("EISDIR");
  });

  it("is waited for while its owner lives", async () => {
    const owner = findProcess(process.ppid);
    writeFileSync(lock, `${process.ppid} ${owner?.command}`);
    await expect(withInstallLock(lock, AbortSignal.timeout(600), async () => "")).rejects.toThrow();
    expect(readFileSync(lock, "utf8")).toContain(String(process.ppid));
  });

  it("lets one in at a time, within a process too", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
      return "installed";
    };
    await Promise.all([install(work), install(work), install(work)]);
    expect(most).toBe(1);
  });
});
