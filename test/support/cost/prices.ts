import { z } from "zod";
import file from "./prices-2026-11.json" with { type: "json" };

const priceFile = z.strictObject({
  date: z.iso.date(),
  region: z.string(),
  currency: z.literal("USD"),
  note: z.string(),
  prices: z.record(
    z.string(),
    z.strictObject({
      usd: z.number().positive(),
      per: z.number().positive(),
      unit: z.string(),
      page: z.url(),
      /** What the figure was compared with. */
      checked: z.string(),
    }),
  ),
});

/** The one dated list of prices that all costs are computed from. */
export const PRICES: z.output<typeof priceFile> = priceFile.parse(file);

/** Hours that AWS counts for a month. */
export const HOURS_A_MONTH = 730;

/**
 * What a quantity of something costs, in US dollars.
 * @throws Error when the price file does not know it
 */
export function priceOf(name: string, quantity: number): number {
  const price = PRICES.prices[name];
  if (price === undefined) throw new Error(`no price for ${name}: add it to prices-2026-11.json`);
  return (price.usd / price.per) * quantity;
}
