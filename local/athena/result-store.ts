import { HeadBucketCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { InvalidRequest } from "./errors.ts";
import type { ResultPlace } from "./workgroups.ts";

/** Puts results where Athena's users look for them. */
export interface ResultStore {
  /** @throws InvalidRequest when the bucket is not there */
  check(location: string): Promise<void>;
  write(location: string, place: ResultPlace, content: string): Promise<void>;
  /** Whether a result is still there: whoever removed it from S3 has removed it from Athena. */
  exists(location: string): Promise<boolean>;
}

export function createResultStore(client: S3Client): ResultStore {
  return {
    async check(location) {
      const { Bucket } = parseLocation(location);
      try {
        await client.send(new HeadBucketCommand({ Bucket }));
      } catch {
        throw new InvalidRequest(`Unable to verify/create output bucket ${Bucket}`);
      }
    },
    async write(location, { EncryptionConfiguration: encryption }, Body) {
      await client.send(
        new PutObjectCommand({
          ...parseLocation(location),
          Body,
          ContentType: "application/octet-stream",
          ...(encryption?.EncryptionOption === "SSE_S3" ? { ServerSideEncryption: "AES256" as const } : {}),
          ...(encryption?.EncryptionOption === "SSE_KMS"
            ? { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: encryption.KmsKey }
            : {}),
        }),
      );
    },
    async exists(location) {
      try {
        await client.send(new HeadObjectCommand(parseLocation(location)));
        return true;
      } catch (error) {
        if (error instanceof Error && ["NotFound", "NoSuchKey", "NoSuchBucket"].includes(error.name))
          return false;
        throw error;
      }
    },
  };
}

/** Bucket and key of `s3://bucket/key`. @throws InvalidRequest for anything else */
function parseLocation(location: string): { Bucket: string; Key: string } {
  const [, Bucket, Key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(location) ?? [];
  if (!Bucket) throw new InvalidRequest("outputLocation is not a valid S3 path.");
  return { Bucket, Key };
}
