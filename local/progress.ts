/** Shows what the stage does and for how long, on a terminal or in a log. */
export interface Progress {
  /** Prints one line. */
  say(line: string): void;
  /** Runs one step, shows its name while it runs, and its time or its failure at the end. */
  step<T>(name: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
}

/** Milliseconds between two lines about the same step where lines cannot be overwritten. */
const PLAIN_INTERVAL = 10_000;

/** Progress on a stream: a terminal gets one line per running step, rewritten; a pipe or file gets whole lines. */
export function createProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  const terminal = stream.isTTY === true;
  const running = new Map<string, { detail: string; started: number }>();
  let timer: NodeJS.Timeout | undefined;
  let drawn = false;

  const clear = (): void => {
    if (drawn) stream.write("\r\x1b[2K");
    drawn = false;
  };
  const draw = (): void => {
    clear();
    if (running.size === 0) return;
    const steps = [...running].map(([name, { detail, started }]) =>
      [name, detail, seconds(Date.now() - started)].filter(Boolean).join(" "),
    );
    stream.write(`  … ${steps.join(" · ")}`.slice(0, Math.max(20, (stream.columns ?? 80) - 1)));
    drawn = true;
  };
  const write = (line: string): void => {
    clear();
    stream.write(`${line}\n`);
    if (terminal) draw();
  };
  const settle = (): void => {
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    clear();
  };

  return {
    say: write,
    async step(name, work) {
      const state = { detail: "", started: Date.now() };
      running.set(name, state);
      if (terminal) timer ??= setInterval(draw, 200);
      let lastLine = Date.now();
      const detail = (text: string): void => {
        state.detail = text;
        if (terminal || Date.now() - lastLine < PLAIN_INTERVAL) return;
        lastLine = Date.now();
        write(`  … ${name} ${text} ${seconds(Date.now() - state.started)}`);
      };
      try {
        const result = await work(detail);
        running.delete(name);
        write(`  ✓ ${name} ${seconds(Date.now() - state.started)}`);
        return result;
      } catch (error) {
        running.delete(name);
        write(`  ✗ ${name} ${seconds(Date.now() - state.started)}`);
        throw error;
      } finally {
        settle();
      }
    },
  };
}

/** Milliseconds as a reader wants them: `0.4 s`, `12 s`, `3 min 5 s`. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1_000;
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}
