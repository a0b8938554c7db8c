import { DAY_MS } from "./day.ts";
/** Days that a row lives after the later of event and arrival. */
export const ROW_DAYS = 30;

/** True when the row of such a message may be gone because its time was over. */
export const mayHaveExpired = (
  message: { readonly timestamp: string; readonly first_received_at: string },
  now: Date,
): boolean =>
  Math.max(Date.parse(message.timestamp), Date.parse(message.first_received_at)) + ROW_DAYS * DAY_MS <=
  now.getTime();
