/** Thrown where a process dies. */
class Killed extends Error {
  override readonly name = "Killed";
}

/** Lets so many calls of ports happen; at the next one the process is dead, and every later one finds it dead. */
export class Life {
  #left: number;
  /** Whether the last call still had its effect, and only its answer was lost. */
  readonly #takesEffect: boolean;
  calls = 0;

  constructor(calls: number, takesEffect = false) {
    this.#left = calls;
    this.#takesEffect = takesEffect;
  }

  /** The port of somebody who may die. */
  of<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => this.#run(() => Reflect.apply(value, target, args), String(property));
      },
    });
  }

  #run(call: () => unknown, name: string): unknown {
    this.calls += 1;
    this.#left -= 1;
    if (this.#left < 0) {
      if (this.#left < -1 || !this.#takesEffect) return dead(name);
      const result = call();
      return result instanceof Promise ? result.then(() => dead(name)) : dead(name);
    }
    const result = call();
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => (isUpload(value) ? this.of(value) : value));
  }
}

const LISTINGS = new Set(["entries", "below", "uploads", "list"]);

function dead(name: string): unknown {
  if (name === "open") throw new Killed("killed");
  if (!LISTINGS.has(name)) return Promise.reject(new Killed("killed"));
  return (async function* () {
    yield* [];
    throw new Killed("killed");
  })();
}

const isUpload = (value: unknown): value is object =>
  typeof value === "object" && value !== null && "complete" in value;
