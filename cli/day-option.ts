import { InvalidArgumentError } from "commander";
import { isDay } from "../functions/core/domain/day.ts";

/** Parser of an option that takes a UTC day. */
export function parseDay(text: string): string {
  if (!isDay(text))
    throw new InvalidArgumentError("It takes a day of the calendar (UTC), such as 2026-11-20.");
  return text;
}
