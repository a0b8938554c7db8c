import { once } from "node:events";
import { AthenaClient } from "@aws-sdk/client-athena";
import { S3Client } from "@aws-sdk/client-s3";
import { Executions } from "./executions.ts";
import { createOperations } from "./operations.ts";
import { createResultStore } from "./result-store.ts";
import { createAthenaServer } from "./server.ts";
import { createWorkGroupReader } from "./workgroups.ts";

// Arguments: the instance's folder, which marks this process as one of that instance; ports of this endpoint, of Trino
// and of the emulator.
const [, athenaPort, trinoPort, awsPort] = process.argv.slice(2);
const LOOPBACK = "127.0.0.1";
const emulatorUrl = `http://${LOOPBACK}:${awsPort}`;
const aws = {
  region: "us-east-1",
  endpoint: emulatorUrl,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};

const results = createResultStore(new S3Client({ ...aws, forcePathStyle: true }));
const executions = new Executions(
  { trinoUrl: `http://${LOOPBACK}:${trinoPort}`, results },
  createWorkGroupReader(new AthenaClient(aws)),
);
const server = createAthenaServer(createOperations(executions, results), emulatorUrl);
server.listen(Number(athenaPort), LOOPBACK);
await once(server, "listening");
console.log(`Athena listens on ${LOOPBACK}:${athenaPort}`);
