import { InvalidArgumentError } from "commander";

/** Parser of an option that takes a whole number from 1 to `most`. */
export const parseLimit =
  (most: number) =>
  (text: string): number => {
    const limit = Number(text);
    if (!Number.isInteger(limit) || limit < 1 || limit > most) {
      throw new InvalidArgumentError(`It takes a whole number from 1 to ${most}.`);
    }
    return limit;
  };
