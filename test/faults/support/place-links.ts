import { randomInt } from "node:crypto";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { readStageOutputs } from "../../../cli/stage-outputs.ts";
import { localAwsOptions } from "../../../local/aws-options.ts";
import { isPortTaken } from "../../../local/ports.mjs";
import type { TestEngines } from "../../support/stage.ts";

export const STORES = ["aws", "redis", "opensearch"] as const;
export type Store = (typeof STORES)[number];

/** Where the link from a function to a store listens, and where it leads. */
export interface LinkPlace {
  readonly functionName: string;
  readonly store: Store;
  readonly port: number;
  readonly upstreamPort: number;
}

type Endpoints = TestEngines["endpoints"];

/**
 * Gives each deployed function addresses of its own for each store it uses. A fault can so be aimed at one
 * function, and nothing of the product knows.
 */
export async function leadThroughLinks(endpoints: Endpoints): Promise<LinkPlace[]> {
  const aws = localAwsOptions(Number(new URL(endpoints.aws).port));
  const lambda = new LambdaClient(aws);
  try {
    const { functions } = await readStageOutputs({ stage: "local", aws });
    const places: LinkPlace[] = [];
    for (const [functionName, physicalName] of Object.entries(functions)) {
      const target = { FunctionName: physicalName };
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand(target));
      const deployed = { ...Environment?.Variables, AWS_ENDPOINT_URL: endpoints.aws };
      let text = JSON.stringify(deployed);
      for (const store of STORES) {
        const { host, port: upstreamPort } = new URL(endpoints[store]);
        if (!text.includes(host)) continue;
        const port = await freePort(places.map((place) => place.port));
        text = text.replaceAll(host, `127.0.0.1:${port}`);
        places.push({ functionName, store, port, upstreamPort: Number(upstreamPort) });
      }
      const Variables = JSON.parse(text) as Record<string, string>;
      await lambda.send(new UpdateFunctionConfigurationCommand({ ...target, Environment: { Variables } }));
    }
    // A kill of the emulator must not undo this.
    const { ok } = await fetch(`${endpoints.aws}/_hilo/checkpoint`, { method: "POST" });
    if (!ok) throw new Error("the emulator could not write down its state");
    return places;
  } finally {
    lambda.destroy();
  }
}

/** Below what systems give to outgoing connections, one of which could else take the port of a link that refuses. */
const PORTS = { from: 20_000, to: 32_000 };

/** A port where nothing listens. @param given to links that do not listen yet */
export async function freePort(given: readonly number[]): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (!given.includes(port) && !(await isPortTaken(port))) return port;
  }
}
