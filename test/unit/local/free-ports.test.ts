import { expect, it } from "vitest";
import { freePort } from "../../faults/support/place-links.ts";
import { isolatedInstance } from "../../support/test-instance.ts";

it("ports of an instance are all different, also the one 100 above OpenSearch's", async () => {
  for (let draw = 0; draw < 1_000; draw++) {
    const instance = await isolatedInstance("any", { athena: true });
    const { HILO_INSTANCE: _, ...ports } = instance;
    const used = [...Object.values(ports).map(Number), Number(ports.HILO_OPENSEARCH_PORT) + 100];
    expect(new Set(used).size, used.join(" ")).toBe(6);
  }
});

it("ports of links that do not listen yet are all different", async () => {
  const ports: number[] = [];
  for (let link = 0; link < 500; link++) ports.push(await freePort(ports));
  expect(new Set(ports).size).toBe(500);
});
