import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import {
  endProcesses,
  findProcess,
  findStageProcesses,
  isRunning,
  mentionsFolder,
  parsePs,
  type SeenProcess,
} from "../../../local/processes.ts";

const FOLDER = "/home/ana/hilo/.hilo/stages/local";

const seen = (pid: number, command: string): SeenProcess => ({ pid, parentPid: 1, groupId: pid, command });

describe("processes of an instance", () => {
  it("are told from those of other instances and from strangers", () => {
    const ours = [
      seen(10, `/home/ana/hilo/.hilo/tools/python/valkey-server ${FOLDER}/valkey.conf`),
      seen(11, `python /home/ana/hilo/local/engines/ministack/launcher.py ${FOLDER}`),
      seen(12, `java -Xmx1g -Dhilo.stage=${FOLDER} Main ${FOLDER}/data 9200 9300`),
      seen(15, `java -Xmx1g -Dconfig=${FOLDER}/data/trino/config.properties -Dhilo.trino=${FOLDER} Main`),
      seen(16, `node /home/ana/hilo/local/athena/main.ts ${FOLDER} 4567 8085 4566`),
      seen(13, `node ${FOLDER}/tmp/ministack-lambda-router-x/worker.js`),
      seen(14, `node /home/ana/hilo/local/main.ts up ${FOLDER}`),
    ];
    const others = [
      seen(20, `python /home/ana/hilo/local/engines/ministack/launcher.py ${FOLDER}-2`),
      seen(21, `tail -f ${FOLDER}/logs/valkey.log`),
      seen(22, "valkey-server /etc/valkey/valkey.conf"),
      seen(23, "node /home/ana/hilo/local/main.ts up /home/ana/hilo/.hilo/stages/test"),
    ];
    expect(findStageProcesses(FOLDER, [...others, ...ours])).toEqual(ours);
  });

  it("leave out the caller and those who started it", () => {
    const parent = { ...seen(7, `node /x/local/main.ts start ${FOLDER}`), pid: process.ppid };
    const self = {
      ...seen(8, `node /x/local/main.ts start ${FOLDER}`),
      pid: process.pid,
      parentPid: process.ppid,
    };
    expect(findStageProcesses(FOLDER, [parent, self])).toEqual([]);
  });

  it.each([
    [`x ${FOLDER}`, true],
    [`x ${FOLDER}/a`, true],
    [`x ${FOLDER} y`, true],
    [`x ${FOLDER}-2 ${FOLDER}`, true],
    [`x ${FOLDER}-2`, false],
    [`x ${FOLDER}2/a`, false],
  ])("mention the folder: %j is %j", (command, expected) => {
    expect(mentionsFolder(command, FOLDER)).toBe(expected);
  });

  it("are read from ps where there is no /proc; zombies run nothing", () => {
    const lines =
      "    1     0     1 Ss   /sbin/init splash\n  812     1   812 S+   node a b\n  813 812 812 Z (node)\n";
    expect(parsePs(lines)).toEqual([
      { pid: 1, parentPid: 0, groupId: 1, command: "/sbin/init splash" },
      { pid: 812, parentPid: 1, groupId: 812, command: "node a b" },
    ]);
  });
});

describe("ending processes", () => {
  it("ends one that ignores the polite signal", async () => {
    const script = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    const pid = child.pid ?? 0;
    await once(child.stdout, "data");
    expect(findProcess(pid)?.command).toContain("process.on");
    await endProcesses([pid], 300);
    expect(isRunning(pid)).toBe(false);
  });

  it("takes one that has gone for ended", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await endProcesses([child.pid ?? 0], 300);
    expect(findProcess(child.pid ?? 0)).toBeUndefined();
  });
});
