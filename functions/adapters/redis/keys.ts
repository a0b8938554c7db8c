/** Life of a session without activity, in seconds. */
export const SESSION_SECONDS = 1_800;

/** Keys of one person share a hash tag, so that they lie in one cluster slot. */
export const contextKey = (tag: string): string => `context:{${tag}}`;
export const sessionKey = (tag: string): string => `session:{${tag}}`;
export const responseKey = (type: string): string => `response:${type}`;
