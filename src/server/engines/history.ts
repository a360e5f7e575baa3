/**
 * The document that says that records are gone because they were old: evicted, or past their retention. Who counts as new may then have been
 * there before. It outlives the records.
 */
export const HISTORY_CUT = { kind: 'history', name: 'cut' } as const;
