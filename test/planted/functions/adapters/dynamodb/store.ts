export const store = 2;
