/** Shows how far long work is, on one line of a terminal that the next call overwrites; nothing elsewhere. */
export function showProgress(text: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${text}`);
}

/** Clears the line for what comes after. */
export function endProgress(): void {
  showProgress("");
}
