/** Why something in a file did not become a record. `isLoss`: somebody may miss it, and the command says so with its exit code. */
export const IMPORT_SKIP_REASONS = {
  not_json: { text: 'not JSON', isLoss: true },
  too_long: { text: 'longer than 64 MiB', isLoss: true },
  damaged: { text: 'the file ends early or is damaged', isLoss: true },
  not_recognised: { text: 'neither a record nor anything else that is known', isLoss: true },
  invalid: { text: 'not a valid record', isLoss: true },
  refused: { text: 'refused by the server', isLoss: true },
  no_trace: { text: 'a Langfuse observation without a trace id', isLoss: true },
  no_content: { text: 'a call without a recorded question and answer', isLoss: false },
  no_call: { text: 'a part of a trace that is no LLM call', isLoss: false },
  nothing_said: { text: 'a score that says nothing, or about nothing that was imported', isLoss: false },
  internal: { text: "a run of Langfuse's own evaluators", isLoss: false },
  deleted: { text: 'a record that a later line deletes', isLoss: false },
  erased: { text: 'a record that was erased', isLoss: false },
  other_line: { text: 'a saved view, an audit line or a line about deleted records', isLoss: false },
} as const satisfies Readonly<Record<string, { readonly text: string; readonly isLoss: boolean }>>;

export type ImportSkipReason = keyof typeof IMPORT_SKIP_REASONS;

/** Something that did not become a record. */
export interface Skip {
  readonly reason: ImportSkipReason;
  /** Names the field that is wrong. Never its content. */
  readonly detail?: string;
}
