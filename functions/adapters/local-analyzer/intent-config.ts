import { z } from "zod";
import { PermanentError } from "../../core/domain/errors.ts";

/** The name of the intent whose examples teach what is none of the others. It is never reported. */
export const NO_INTENT = "none";

const line = z.string().trim().min(1).max(500);
const examples = z.array(line).max(500);

const intentSchema = z.strictObject({
  /** Typical words, lower case without accents; `*` stands for any ending. */
  keywords: z.array(z.string().regex(/^[\p{Ll}\p{N}]+\*?$/u)).max(200),
  /** What people write when they mean it. */
  examples: z.strictObject({ es: examples, en: examples }),
});

const intentsSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), intentSchema)
  .refine((intents) => Object.keys(intents).filter((name) => name !== NO_INTENT).length >= 2, {
    message: "at least two intents",
  })
  .refine(
    (intents) => Object.values(intents).every(({ examples }) => examples.es.length + examples.en.length > 0),
    {
      message: "an example for each intent",
    },
  );

/** Each intent's name with what it is recognised by. */
export type IntentConfig = z.output<typeof intentsSchema>;

/**
 * Reads a configuration of intents.
 * @throws PermanentError naming the place of each fault
 */
export function parseIntents(json: string): IntentConfig {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new PermanentError("intents: the file is not JSON; see docs/ANALYTICS.md");
  }
  const result = intentsSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new PermanentError(`intents: ${faults.slice(0, 10).join("; ")}; see docs/ANALYTICS.md`);
}
