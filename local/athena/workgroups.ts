import { type AthenaClient, GetWorkGroupCommand } from "@aws-sdk/client-athena";
import { InvalidRequest } from "./errors.ts";

/** How results are encrypted in S3. */
export interface ResultEncryption {
  readonly EncryptionOption: "SSE_S3" | "SSE_KMS" | "CSE_KMS";
  readonly KmsKey?: string | undefined;
}

/** Where results go. */
export interface ResultPlace {
  readonly OutputLocation?: string | undefined;
  readonly EncryptionConfiguration?: ResultEncryption | undefined;
}

/** What a workgroup imposes on its queries. */
export interface WorkGroupRules {
  readonly result: ResultPlace;
  /** Whether the workgroup's place wins over the one a query names. */
  readonly enforced: boolean;
  /** Bytes that one query may scan. */
  readonly bytesLimit: number | undefined;
}

/** Reads a workgroup's rules. @throws InvalidRequest when there is no such workgroup */
export type ReadWorkGroup = (name: string) => Promise<WorkGroupRules>;

/** Reads workgroups where the CDK app puts them: in the emulator. */
export function createWorkGroupReader(client: AthenaClient): ReadWorkGroup {
  return async (WorkGroup) => {
    const configuration = await client
      .send(new GetWorkGroupCommand({ WorkGroup }))
      .then((answer) => answer.WorkGroup?.Configuration)
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "InvalidRequestException")
          throw new InvalidRequest(`WorkGroup ${WorkGroup} is not found.`);
        throw error;
      });
    const { OutputLocation, EncryptionConfiguration: encryption } = configuration?.ResultConfiguration ?? {};
    return {
      result: {
        OutputLocation,
        EncryptionConfiguration: encryption?.EncryptionOption && {
          EncryptionOption: encryption.EncryptionOption,
          KmsKey: encryption.KmsKey,
        },
      },
      enforced: configuration?.EnforceWorkGroupConfiguration ?? false,
      bytesLimit: configuration?.BytesScannedCutoffPerQuery,
    };
  };
}

/** The place of a query's result: the workgroup's where it is enforced, else the query's own. */
export function resultPlace(
  asked: ResultPlace | undefined,
  { result, enforced }: WorkGroupRules,
): ResultPlace {
  const place = enforced || !asked?.OutputLocation ? result : asked;
  if (!place.OutputLocation)
    throw new InvalidRequest(
      "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
    );
  return place;
}
