import { createStoreToDynamoDbDeps } from "./deps.ts";
import { storeToDynamoDbEnv } from "./env.ts";
import { createStoreToDynamoDbHandler } from "./handler.ts";

export const handler = createStoreToDynamoDbHandler(createStoreToDynamoDbDeps(storeToDynamoDbEnv()));
