import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PermanentError } from "../../core/domain/errors.ts";
import { KeyChain } from "../../core/domain/key-chain.ts";
import { awsError } from "../aws-errors.ts";

/**
 * Reads the hash keys from Secrets Manager.
 * @throws PermanentError when the secret is not a chain of keys; PermanentError | TransientError when it cannot be read
 */
export async function loadKeyChain(client: SecretsManagerClient, secretId: string): Promise<KeyChain> {
  const command = new GetSecretValueCommand({ SecretId: secretId });
  const { SecretString: text = "" } = await client.send(command).catch((error: unknown) => {
    throw awsError(error, { store: "Secrets Manager", operation: "GetSecretValue", resource: "hash-keys" });
  });
  let secret: unknown;
  try {
    secret = JSON.parse(text);
  } catch {
    secret = undefined;
  }
  if (typeof secret !== "object" || secret === null) {
    throw new PermanentError(
      'Secrets Manager: hash-keys is not JSON {"k1": "..."}: restore its last version',
    );
  }
  return new KeyChain(secret as Record<string, unknown>);
}
