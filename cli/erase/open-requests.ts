import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { createErasureRequests } from "../../functions/adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../functions/adapters/dynamodb/legal-holds.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { ErasureRequest, ErasureRequests } from "../../functions/core/ports/erasure-requests.ts";
import type { LegalHolds } from "../../functions/core/ports/legal-holds.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";

/** The requests for erasure of a stage. */
export const openRequests = (session: StageSession): ErasureRequests =>
  createErasureRequests({
    client: session.dynamo(),
    tables: { ledger: session.table("erasure-ledger"), subjects: session.table("erasure-subjects") },
    clock: systemClock,
  });

export const openHolds = (session: StageSession): LegalHolds =>
  createLegalHolds({ client: session.dynamo(), table: session.table("erasure-ledger") });

/** The request with an id. @throws CommandFailure where there is none */
export async function requestWithId(id: string, requests: ErasureRequests): Promise<ErasureRequest> {
  const request = await requests.read(id);
  if (request !== undefined) return request;
  throw new CommandFailure(`No erasure request ${id}: npx hilo erase list shows the open ones`);
}

/** Who works with the stage: the ARN that AWS knows the caller by. */
export async function currentActor({ connection }: StageSession): Promise<string> {
  const client = new STSClient(connection.aws);
  try {
    const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
    return arn ?? "unknown";
  } finally {
    client.destroy();
  }
}
