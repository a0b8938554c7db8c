import "../../adapters/redis/store.ts";
export const entity = 1;
