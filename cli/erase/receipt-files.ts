import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes each receipt to a file of its own, which is named for the person's number in the request: while somebody is held,
 * the others have their receipts already. Their keyed hashes are personal data: nobody else on the machine reads them.
 */
export function writeReceipts(folder: string, id: string, receipts: readonly string[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const receipt of receipts) {
    const { person } = JSON.parse(receipt) as { readonly person: number };
    const file = join(folder, `${id}-${String(person).padStart(6, "0")}.json`);
    writeFileSync(file, receipt, { mode: 0o600 });
  }
}
