import { expect, it } from "vitest";
import { WRITER_LIFE_MS } from "../../functions/handlers/finish-day/deps.ts";
import { at, synthesise } from "./synthesise.ts";

/** Functions that know the lake's days but write no rows. */
const OF_THE_LAKE =
  /-(plan-export|export-day|finish-day|publish-staged|abort-uploads|erase-objects|preserve-held)$/;

it("a day is called clean only after every writer that looked at the clock before its end is over", () => {
  const writers = synthesise("lean")
    .ofType("AWS::Lambda::Function")
    .filter(({ properties }) => at(properties["Environment"], "Variables", "LAKE_DAYS_TABLE") !== undefined)
    .filter(({ properties }) => !OF_THE_LAKE.test(String(properties["FunctionName"])));
  expect(writers.map(({ properties }) => properties["FunctionName"]).sort()).toEqual([
    "hilo-lean-perform-analytics",
    "hilo-lean-store-to-dynamodb",
  ]);
  for (const { properties } of writers)
    expect(Number(properties["Timeout"]) * 1000, String(properties["FunctionName"])).toBeLessThan(
      WRITER_LIFE_MS,
    );
});
