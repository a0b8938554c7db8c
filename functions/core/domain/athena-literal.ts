import { isDay } from "./day.ts";
import { InvalidQueryParameterError } from "./query-errors.ts";

/** A parameter of a query, typed, so that it reaches the engine as a literal of that type and never as SQL. */
export type TypedParameter =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bigint"; readonly value: number | bigint }
  | { readonly type: "double"; readonly value: number }
  /** A day of the calendar, `YYYY-MM-DD`: validated before anything leaves the process. */
  | { readonly type: "date"; readonly value: string };

/** Characters that Athena takes in one parameter. */
const MAX_LENGTH = 1_024;
const MAX_BIGINT = 2n ** 63n - 1n;

/**
 * The SQL literal of each parameter, in order: the only place where values become SQL.
 * @throws InvalidQueryParameterError naming the first parameter, from 1, that is no value of its type
 */
export function toAthenaLiterals(parameters: readonly TypedParameter[]): string[] {
  return parameters.map((parameter, index) => {
    const literal = toLiteral(parameter);
    if (literal === undefined)
      throw new InvalidQueryParameterError(`parameter ${index + 1} is ${REQUIRED[parameter.type]}`);
    if (literal.length > MAX_LENGTH)
      throw new InvalidQueryParameterError(`parameter ${index + 1} has over ${MAX_LENGTH} characters`);
    return literal;
  });
}

const REQUIRED: Readonly<Record<TypedParameter["type"], string>> = {
  string: "not well-formed text",
  bigint: "no whole number of 64 bits",
  double: "no finite number",
  date: "no day of the calendar (YYYY-MM-DD)",
};

function toLiteral({ type, value }: TypedParameter): string | undefined {
  switch (type) {
    case "string":
      return typeof value === "string" && value.isWellFormed()
        ? `'${value.replaceAll("'", "''")}'`
        : undefined;
    case "bigint": {
      const whole = typeof value === "bigint" || Number.isSafeInteger(value);
      return whole && value <= MAX_BIGINT && value >= -MAX_BIGINT ? `${value}` : undefined;
    }
    case "double":
      // Without an exponent it would be a decimal.
      return Number.isFinite(value) ? value.toExponential().replace("e+", "e").replace("e", "E") : undefined;
    case "date":
      return typeof value === "string" && isDay(value) ? `DATE '${value}'` : undefined;
  }
}
