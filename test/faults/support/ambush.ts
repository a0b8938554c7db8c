import type { Links, Treatment } from "./link.ts";

/** A place where a function meets a fault: at the last of these commands, which one call of it sends in this order. */
export interface FaultPlace {
  readonly functionName: string;
  /** What the function is asked to do, where it can do several things. */
  readonly operation?: string;
  /** What it is about to do. */
  readonly step: string;
  readonly commands: readonly RegExp[];
}

/** Has functions meet a fault once at each of some places. */
export class Ambush {
  #open: readonly FaultPlace[];
  /** Commands of each place that the present call has sent. */
  readonly #seen = new Map<FaultPlace, number>();
  readonly #operations = new Map<string, string>();

  constructor(links: Links, places: readonly FaultPlace[], faultOf: (functionName: string) => Treatment) {
    this.#open = places;
    for (const link of links.all) {
      const { functionName } = link;
      if (!places.some((place) => place.functionName === functionName)) continue;
      link.rule((command) => (this.#meets(functionName, command) ? faultOf(functionName) : undefined));
    }
  }

  /** Places where nobody came by. */
  get open(): readonly FaultPlace[] {
    return this.#open;
  }

  /** A call begins: what an earlier one sent counts no more. */
  begin(functionName: string, operation = ""): void {
    this.#operations.set(functionName, operation);
    for (const place of this.#open) if (place.functionName === functionName) this.#seen.delete(place);
  }

  #meets(functionName: string, command: string): boolean {
    const operation = this.#operations.get(functionName);
    const reached = this.#open.filter((place) => {
      if (place.functionName !== functionName || (place.operation ?? "") !== operation) return false;
      const seen = this.#seen.get(place) ?? 0;
      if (!place.commands[seen]?.test(command)) return false;
      if (seen + 1 === place.commands.length) return true;
      this.#seen.set(place, seen + 1);
      return false;
    });
    const [first] = reached;
    this.#open = this.#open.filter((place) => place !== first);
    return first !== undefined;
  }
}
