import { CreateKeyCommand, type KeySpec, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReceiptSigner } from "../../../functions/adapters/kms/receipt-signer.ts";
import type { ReceiptStatement } from "../../../functions/core/contracts/erasure-receipt.ts";
import { signReceipt, verifyReceipt } from "../../../functions/core/use-cases/erasure/receipt.ts";
import { NOW } from "../../support/builders.ts";
import { openEngines } from "../../support/stage.ts";

const engines = await openEngines();
const kms = new KMSClient(engines.aws);

const created: string[] = [];
async function createKey(spec: KeySpec): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: "SIGN_VERIFY" }));
  const arn = KeyMetadata?.Arn ?? "";
  created.push(arn);
  return arn;
}

afterAll(async () => {
  for (const KeyId of created)
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  kms.destroy();
  await engines.close();
});

/** More than KMS takes as a message, as a receipt over twenty stores is. */
const statement: Omit<ReceiptStatement, "key_id" | "algorithm"> = {
  format: "hilo-erasure-receipt-1",
  software: "hilo test",
  request_id: "er-20261121T120000-0123456789ab",
  person: 1,
  ids: Array.from({ length: 60 }, () => ({ tag: "a".repeat(64), generation: 1, fenced_at: NOW })),
  tag_purpose: "to recognise",
  tag_expiry: "none",
  undecided_ids: 0,
  excluded_ids: 0,
  planned_by: "arn:aws:sts::1:assumed-role/planner/ñandú",
  approved_by: "arn:aws:sts::1:assumed-role/approver/eva",
  requested_at: NOW,
  approved_at: NOW,
  fenced_at: NOW,
  drained_at: NOW,
  verified_at: NOW,
  versions_removed: 0,
  stores: {},
  remains: [],
};

describe("a receipt signed by KMS", () => {
  let keyId = "";
  beforeAll(async () => {
    keyId = await createKey("ECC_NIST_P256");
  });

  it("is checked with the public key alone", async () => {
    const signer = createReceiptSigner({ client: kms, keyId });
    const receipt = await signReceipt(statement, signer);
    expect(Buffer.byteLength(receipt)).toBeGreaterThan(4096);
    const check = verifyReceipt(receipt, await signer.publicKey());
    expect(check).toMatchObject({ ok: true, receipt: { key_id: keyId } });
    expect(verifyReceipt(receipt.replace('"person":1', '"person":2'), await signer.publicKey()).ok).toBe(
      false,
    );
  });

  it("does not hold with another key", async () => {
    const receipt = await signReceipt(statement, createReceiptSigner({ client: kms, keyId }));
    const other = createReceiptSigner({ client: kms, keyId: await createKey("ECC_NIST_P256") });
    expect(verifyReceipt(receipt, await other.publicKey())).toMatchObject({ ok: false });
  });

  it("is not given by a key that does not exist or is of another kind", async () => {
    const missing = createReceiptSigner({ client: kms, keyId: "00000000-0000-0000-0000-000000000000" });
    await expect(missing.sign(Buffer.from("x"))).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/^KMS Sign on the key that signs receipts: /),
    });
    const rsa = createReceiptSigner({ client: kms, keyId: await createKey("RSA_2048") });
    await expect(rsa.sign(Buffer.from("x"))).rejects.toMatchObject({ name: "PermanentError" });
  });
});
