import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Wire } from "./wire.ts";

/** What happens to one request. */
export type Treatment =
  | { readonly kind: "pass" }
  /** The request reaches the store so many ms late, even where the client has given up by then. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The store does it; of its answer so many bytes arrive, then the connection is reset. */
  | { readonly kind: "cut"; readonly bytes: number }
  /** Nothing comes back, ever. */
  | { readonly kind: "swallow" }
  /** Somebody else answers; the store hears nothing. */
  | { readonly kind: "answer"; readonly response: string }
  /** Calls `act` before the store hears of the request (it never will), or once it has answered (nobody hears it). */
  | { readonly kind: "crash"; readonly moment: "before" | "after"; readonly act: () => void };

/** Decides on a request by its name; nothing: another rule, or the link's own treatment, decides. */
export type Rule = (name: string) => Treatment | undefined;

const PASS: Treatment = { kind: "pass" };

/** The way from one function to one store: a TCP proxy whose behaviour can be changed at any time. */
export class Link {
  readonly functionName: string;
  readonly store: string;
  readonly #port: number;
  readonly #upstreamPort: number;
  readonly #wire: Wire;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #treatment: Treatment = PASS;
  #rules: Rule[] = [];
  #counts = new Map<string, number>();

  constructor(place: {
    functionName: string;
    store: string;
    port: number;
    upstreamPort: number;
    wire: Wire;
  }) {
    this.functionName = place.functionName;
    this.store = place.store;
    this.#port = place.port;
    this.#upstreamPort = place.upstreamPort;
    this.#wire = place.wire;
  }

  /** Requests since the last `heal`, by name; refused connections are not among them. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Takes connections. */
  async open(): Promise<void> {
    if (this.#server) return;
    const server = createServer((client) => this.#serve(client));
    this.#server = server;
    server.listen({ port: this.#port, host: "127.0.0.1" });
    await once(server, "listening");
  }

  /** Resets every connection and refuses new ones, as a store does whose process is gone. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Treats every request like this from now on, connections that are open included. */
  treat(treatment: Treatment): void {
    this.#treatment = treatment;
  }

  /** Asks this rule of each request, before the link's own treatment. */
  rule(rule: Rule): void {
    this.#rules.push(rule);
  }

  /** Back to normal; counting begins anew. */
  async heal(): Promise<void> {
    this.#treatment = PASS;
    this.#rules = [];
    this.#counts = new Map();
    await this.open();
  }

  #decide(name: string): Treatment {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    for (const rule of this.#rules) {
      const treatment = rule(name);
      if (treatment) return treatment;
    }
    return this.#treatment;
  }

  #serve(client: Socket): void {
    const upstream = connect({ port: this.#upstreamPort, host: "127.0.0.1" });
    const both = [client, upstream];
    for (const socket of both) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    }
    const reset = (): void => {
      for (const socket of both) socket.resetAndDestroy();
    };
    // A late request still has to arrive, so a client that leaves does not take it back.
    let pending = 0;
    let treatment: Treatment = PASS;
    let answered = true;
    let room = 0;
    let unread = 0;
    const leave = (): void => {
      if (pending === 0) upstream.destroy();
    };

    client.on("data", (chunk) => {
      const name = answered ? this.#wire.nameOf(chunk) : undefined;
      if (name !== undefined) {
        answered = false;
        treatment = this.#decide(name);
        unread = this.#wire.lengthOf(chunk);
        if (treatment.kind === "cut") room = treatment.bytes;
      }
      unread -= chunk.length;
      switch (treatment.kind) {
        case "swallow":
          return;
        case "answer":
          if (unread > 0) return;
          answered = true;
          client.write(treatment.response);
          return;
        case "delay":
          pending += 1;
          setTimeout(() => {
            pending -= 1;
            if (!upstream.destroyed) upstream.write(chunk);
            if (client.destroyed && pending === 0) upstream.end();
          }, treatment.ms);
          return;
        case "crash":
          if (treatment.moment === "before") {
            treatment.act();
            reset();
          } else upstream.write(chunk);
          return;
        default:
          upstream.write(chunk);
      }
    });
    upstream.on("data", (chunk) => {
      answered = true;
      if (treatment.kind === "crash") {
        treatment.act();
        reset();
      } else if (treatment.kind === "cut") {
        client.write(chunk.subarray(0, room));
        room -= chunk.length;
        if (room <= 0) client.end(() => reset());
      } else if (!client.destroyed) client.write(chunk);
    });
    client.on("error", leave).on("close", leave);
    upstream.on("error", () => client.resetAndDestroy()).on("close", () => client.destroy());
  }
}

/** Several links as one. */
export class Links {
  readonly all: readonly Link[];

  constructor(all: readonly Link[]) {
    this.all = all;
  }

  /** Those that lead to a store, of all functions or of the named ones. */
  to(store: string, ...functionNames: readonly string[]): Links {
    const chosen = this.all.filter(
      (link) =>
        link.store === store && (functionNames.length === 0 || functionNames.includes(link.functionName)),
    );
    if (chosen.length === 0) throw new Error(`no link to ${store} from ${functionNames.join(", ")}`);
    return new Links(chosen);
  }

  /** How often these requests were made since the last `heal`; without names: any. */
  count(...names: readonly string[]): number {
    return this.all
      .flatMap(({ counts }) => [...counts])
      .filter(([name]) => names.length === 0 || names.includes(name))
      .reduce((sum, [, count]) => sum + count, 0);
  }

  treat(treatment: Treatment): void {
    for (const link of this.all) link.treat(treatment);
  }

  rule(rule: Rule): void {
    for (const link of this.all) link.rule(rule);
  }

  async refuse(): Promise<void> {
    await Promise.all(this.all.map((link) => link.refuse()));
  }

  async heal(): Promise<void> {
    await Promise.all(this.all.map((link) => link.heal()));
  }
}
