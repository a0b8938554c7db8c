import type { Footprint, Step } from "./scheduler.ts";

/** What each call of a lake port reads and writes; a call that is not here is no step of its own. */
const FOOTPRINTS: Readonly<Record<string, Footprint>> = {
  // The exporter looks at the clock right after it.
  fenceSequence: { reads: ["fences", "time"] },
  read: { reads: ["upload", "marks"] },
  open: { writes: ["state"] },
  recordUpload: { reads: ["fences"], writes: ["upload", "state"] },
  forgetUpload: { writes: ["upload"] },
  record: { writes: ["upload"] },
  markClean: { reads: ["upload", "marks"], writes: ["state"] },
  bump: { writes: ["marks", "state"] },
  head: { reads: ["object"] },
  abort: { writes: ["uploads"] },
  fences: { reads: ["ledger"] },
  add: { writes: ["index"] },
  missing: { reads: ["index"] },
  recordedUploads: { reads: ["upload"] },
};

/** A port whose calls wait for the scheduler, one step each. */
export function stepping<T extends object>(
  scheduler: { step(step: Step): Promise<void> },
  actor: string,
  port: T,
): T {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const name = String(property);
      const footprint = FOOTPRINTS[name];
      return async (...args: unknown[]) => {
        if (footprint) await scheduler.step({ actor, name, footprint });
        return Reflect.apply(value, target, args);
      };
    },
  });
}
