import { messageTableEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `store-to-dynamodb`. @throws PermanentError naming what is missing */
export const storeToDynamoDbEnv = () => readEnv(messageTableEnvFields);
