import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findPortHolder,
  findPortProblems,
  isPortTaken,
  parseListeners,
  portUses,
  readPorts,
  takenPortProblem,
} from "../../../local/ports.mjs";

describe("the ports of the stage", () => {
  it("have standards", () => {
    expect(readPorts({})).toEqual({
      aws: 4566,
      redis: 6379,
      opensearch: 9200,
      opensearchTransport: 9300,
      athena: 4567,
      trino: 8085,
    });
  });

  it("can each be moved", () => {
    const environment = {
      HILO_AWS_PORT: "5000",
      HILO_REDIS_PORT: "5001",
      HILO_OPENSEARCH_PORT: "5002",
      HILO_ATHENA_PORT: "5003",
      HILO_TRINO_PORT: "5004",
    };
    expect(readPorts(environment)).toEqual({
      aws: 5000,
      redis: 5001,
      opensearch: 5002,
      opensearchTransport: 5102,
      athena: 5003,
      trino: 5004,
    });
  });

  it("leave out Athena and its engine where it is off, and no other engine", () => {
    const ports = readPorts({ HILO_ATHENA_PORT: "off", HILO_TRINO_PORT: "5004" });
    expect(ports).toMatchObject({ aws: 4566, athena: null, trino: null });
    expect(portUses(ports).map(({ engine }) => engine)).not.toContain("athena");
    expect(portUses(ports).map(({ engine }) => engine)).not.toContain("trino");
    expect(() => readPorts({ HILO_REDIS_PORT: "off" })).toThrow(/HILO_REDIS_PORT/);
  });

  it.each(["80", "70000", "x", "4566.5", "-1"])("refuse %j and name the variable", (value) => {
    expect(() => readPorts({ HILO_REDIS_PORT: value })).toThrow(/HILO_REDIS_PORT/);
  });

  it("refuse a port that fetch blocks, instead of waiting for an answer", () => {
    expect(() => readPorts({ HILO_AWS_PORT: "6566" })).toThrow(/HILO_AWS_PORT is 6566/);
  });

  it("are all listed with the variable that moves them", () => {
    expect(portUses(readPorts({})).map(({ port, variable }) => [port, variable])).toEqual([
      [4566, "HILO_AWS_PORT"],
      [6379, "HILO_REDIS_PORT"],
      [9200, "HILO_OPENSEARCH_PORT"],
      [4567, "HILO_ATHENA_PORT"],
      [8085, "HILO_TRINO_PORT"],
      [9300, "HILO_OPENSEARCH_PORT"],
    ]);
  });
});

describe("a taken port", () => {
  const server = createServer();
  let port = 0;

  beforeAll(async () => {
    server.listen({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterAll(() => server.close());

  it("is found, with the process that holds it", async () => {
    expect(await isPortTaken(port)).toBe(true);
    expect(findPortHolder(port)?.pid).toBe(process.pid);
    const [problem] = await findPortProblems([{ port, variable: "HILO_AWS_PORT", engine: "ministack" }]);
    expect(problem).toContain(`Port ${port} for ministack is taken by process ${process.pid} `);
    expect(problem).toMatch(/HILO_AWS_PORT$/);
  });

  it("whose holder cannot be seen is still one line with what to do", () => {
    const problem = takenPortProblem({ port: 1, variable: "HILO_AWS_PORT", engine: "ministack" }, undefined);
    expect(problem).toMatch(/^Port 1 .* another program: .*HILO_AWS_PORT$/);
  });

  it("is read from the kernel's table by port and state", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1",
      "   1: 0100007F:11D6 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1",
      "   2: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1",
    ].join("\n");
    expect(parseListeners(table, 4566)).toEqual(["4711"]);
    expect(parseListeners(table, 80)).toEqual([]);
  });
});
