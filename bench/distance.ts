import { connect, createServer, type Socket } from "node:net";

/** The way from a function to its cache, one way, in ms: within a zone there and back take about half a millisecond. */
export const ONE_WAY_MS = 0.25;

/** A way to a local server that is as long as a network's. */
export interface Distance {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Puts a delay between clients and a server on loopback: each direction takes `oneWayMs` more, however much is sent.
 * Timers are too coarse for parts of a millisecond, so what is due is sent from a loop that runs while something waits.
 */
export async function openDistance(port: number, oneWayMs: number): Promise<Distance> {
  const waiting: { due: number; send: () => void }[] = [];
  let looping = false;
  const loop = (): void => {
    const now = performance.now();
    while (waiting[0] && waiting[0].due <= now) waiting.shift()?.send();
    looping = waiting.length > 0;
    if (looping) setImmediate(loop);
  };
  const later = (send: () => void): void => {
    waiting.push({ due: performance.now() + oneWayMs, send });
    if (looping) return;
    looping = true;
    setImmediate(loop);
  };
  const sockets = new Set<Socket>();
  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (part) => later(() => to.writable && to.write(part)));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port });
    pipe(client, upstream);
    pipe(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  return {
    url: `redis://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
