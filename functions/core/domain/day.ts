/** ms of a UTC day. */
export const DAY_MS = 86_400_000;

/** True for a day of the calendar as `YYYY-MM-DD`; `2026-02-30` is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The UTC day so many days before a moment, `YYYY-MM-DD`. */
export const dayBefore = (moment: Date, days: number): string =>
  new Date(moment.getTime() - days * DAY_MS).toISOString().slice(0, 10);

/** The UTC day after a day. */
export const dayAfter = (day: string): string => dayBefore(new Date(`${day}T00:00:00.000Z`), -1);

/** Every day from one to another, both included; none where they are the wrong way round. */
export function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) days.push(day);
  return days;
}
