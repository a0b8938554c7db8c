import { createHash } from "node:crypto";
import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { TransientError } from "../../core/domain/errors.ts";
import type { ReceiptSigner } from "../../core/ports/receipt-signer.ts";
import { awsError } from "../aws-errors.ts";

/** Signs with an asymmetric key of KMS (`ECC_NIST_P256`, `SIGN_VERIFY`), which it is asked for once. */
export function createReceiptSigner(deps: {
  readonly client: KMSClient;
  /** ARN, id or alias. */
  readonly keyId: string;
}): ReceiptSigner {
  const { client, keyId } = deps;

  const ask = async <T>(operation: string, call: () => Promise<T | undefined>): Promise<T> => {
    const answer = await call().catch((error: unknown) => {
      throw awsError(error, { store: "KMS", operation, resource: "the key that signs receipts" });
    });
    if (answer === undefined) throw new TransientError(`KMS ${operation}: an answer without content`);
    return answer;
  };

  let known: Promise<{ readonly keyId: string; readonly pem: string }> | undefined;
  const key = (): Promise<{ readonly keyId: string; readonly pem: string }> => {
    known ??= ask("GetPublicKey", async () => {
      const { KeyId, PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
      return PublicKey && { keyId: KeyId ?? keyId, pem: pemOf(PublicKey) };
    }).catch((error: unknown) => {
      // One that could not be asked for is asked for again.
      known = undefined;
      throw error;
    });
    return known;
  };

  return {
    keyId: async () => (await key()).keyId,
    publicKey: async () => (await key()).pem,

    // The hash is made here: KMS takes messages of 4,096 bytes at most.
    sign: (bytes) =>
      ask("Sign", async () => {
        const Message = createHash("sha256").update(bytes).digest();
        const command = {
          KeyId: keyId,
          Message,
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        } as const;
        return (await client.send(new SignCommand(command))).Signature;
      }),
  };
}

const pemOf = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
};
