import { readFileSync } from "node:fs";
import { KMSClient } from "@aws-sdk/client-kms";
import { createReceiptSigner } from "../../functions/adapters/kms/receipt-signer.ts";
import { verifyReceipt } from "../../functions/core/use-cases/erasure/receipt.ts";
import { CommandFailure } from "../failure.ts";
import { type StageSession, withStage } from "../stage-session.ts";
import { formatReceipt } from "./format-receipt.ts";

/** `hilo erase verify`: with a key file nothing but the two files is needed. */
export async function verifyReceiptFile(
  file: string,
  { key, json, stage }: { readonly key?: string; readonly json?: boolean; readonly stage: string },
): Promise<void> {
  const receipt = readText(file);
  const publicKey = key === undefined ? await withStage(stage, publicKeyOf) : readText(key);
  const check = verifyReceipt(receipt, publicKey);
  if (json) console.log(JSON.stringify(check));
  else console.log(check.ok ? formatReceipt(check.receipt) : `${file} does not hold: ${check.reason}`);
  if (!check.ok) process.exitCode = 1;
}

/** The public key of a stage's receipts, PEM. */
export async function publicKeyOf(session: StageSession): Promise<string> {
  const { receiptKeyId: keyId } = session.outputs;
  if (keyId === undefined)
    throw new CommandFailure("The stage has no key for receipts (output ReceiptKeyId): deploy it again");
  const client = new KMSClient(session.connection.aws);
  try {
    return await createReceiptSigner({ client, keyId }).publicKey();
  } finally {
    client.destroy();
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new CommandFailure(`${file} cannot be read (${cause})`, 2);
  }
}
