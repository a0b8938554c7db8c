import { describe, expect, it } from "vitest";
import { parseIntents } from "../../../functions/adapters/local-analyzer/intent-config.ts";
import { DEFAULT_INTENTS } from "../../../functions/adapters/local-analyzer/intents.ts";
import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import { asking, findingsOf } from "../analytics/analyzer-contract.ts";

const intent = (keywords: readonly string[], es: readonly string[]) => ({
  keywords,
  examples: { es, en: [] },
});
const clinic = {
  book_visit: intent(["turno", "cita*"], ["quiero pedir hora con el doctor", "agendar una consulta"]),
  test_results: intent(["examen*", "resultado*"], ["ya están mis resultados", "necesito ver mi examen"]),
  none: intent([], ["hola", "ok", "gracias"]),
};

describe("intents", () => {
  it("are what the configuration says", async () => {
    const analyzer = createLocalAnalyzer(parseIntents(JSON.stringify(clinic)));
    const found = await findingsOf(analyzer, [
      asking("buenas, quiero agendar una hora"),
      asking("dónde veo el resultado de mis exámenes?"),
      asking("gracias"),
    ]);
    expect(found.map((metadata) => ("intent" in metadata ? metadata.intent : undefined))).toEqual([
      "book_visit",
      "test_results",
      undefined,
    ]);
  });

  it("of the default are a valid configuration", () => {
    expect(parseIntents(JSON.stringify(DEFAULT_INTENTS))).toEqual(DEFAULT_INTENTS);
  });

  it.each([
    ["not JSON", "{", /not JSON/],
    ["a list", "[]", /expected record/],
    ["one intent only", JSON.stringify({ only: intent([], ["x"]) }), /at least two intents/],
    ["no example", JSON.stringify({ ...clinic, empty: intent(["x"], []) }), /an example for each intent/],
    [
      "an unknown field",
      JSON.stringify({ ...clinic, bad: { ...intent([], ["x"]), words: [] } }),
      /bad: .*words/,
    ],
    ["an odd name", JSON.stringify({ ...clinic, "Bad Name": intent([], ["x"]) }), /Bad Name/],
    [
      "a keyword with an accent's capital",
      JSON.stringify({ ...clinic, bad: intent(["A b"], ["x"]) }),
      /bad\.keywords/,
    ],
  ])("are refused with the place of the fault: %s", (_, json, fault) => {
    expect(() => parseIntents(json)).toThrow(PermanentError);
    expect(() => parseIntents(json)).toThrow(fault);
  });
});
