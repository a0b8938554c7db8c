import { LOOPBACK } from "./config.ts";

/** What an AWS client is created with. */
export interface AwsClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Client options for the emulator on a port of loopback. */
export const localAwsOptions = (port: number): Required<AwsClientOptions> => ({
  region: "us-east-1",
  endpoint: `http://${LOOPBACK}:${port}`,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
