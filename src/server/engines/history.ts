/**
 * The document that says that records are gone because they were old: evicted, or past their retention. Then the first prompt of a person that is
 * known may not be the first. It outlives the records.
 */
export const HISTORY_CUT = { kind: 'history', name: 'cut' } as const;
