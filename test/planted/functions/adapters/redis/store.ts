import "../dynamodb/store.ts";
export const store = 1;
