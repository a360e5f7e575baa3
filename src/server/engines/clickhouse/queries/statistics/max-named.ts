/** Length of each list of names: what the overview has room for. */
export const MAX_NAMED = 50;
