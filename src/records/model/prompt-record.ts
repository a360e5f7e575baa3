/** JSON value that a dashboard can filter by, or at least show. */
export type PropertyValue =
  string | number | boolean | null | readonly PropertyValue[] | { readonly [key: string]: PropertyValue };

/** One LLM call as an analyst sees it: the user, the question and the answer. */
export interface PromptRecord {
  /** `traceId-spanId`. Stable, so that a repeated delivery can be recognised. */
  readonly id: string;
  /** User who asked. Never empty: {@link ANONYMOUS} if no source names a user. */
  readonly userId: string;
  /** Conversation, if a source names one. Never a trace id. */
  readonly threadId?: string;
  /** Text of the last user message of the input. */
  readonly prompt: string;
  /** Text of the answer. If the answer is tool calls alone: `name({"arg":1})`, one a line. */
  readonly generation: string;
  /** Response model, else request model, else `"unknown"`. */
  readonly assistantId: string;
  /** End of the generation, ISO 8601. */
  readonly timestamp: string;
  /** Seconds, with a fraction. */
  readonly latency: number;
  readonly tags: readonly string[];
  /** Further facts, scalars wherever possible, then the user's own metadata under its own names. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/**
 * True for the fields with a text by users or models. Such texts are redacted, and cut to `maxTextLength`. The compiler demands a line for
 * each field.
 */
const IS_TEXT_FIELD = {
  id: false,
  userId: false,
  threadId: false,
  prompt: true,
  generation: true,
  assistantId: false,
  timestamp: false,
  latency: false,
  tags: false,
  properties: false,
} as const satisfies Readonly<Record<keyof PromptRecord, boolean>>;

type Field = keyof typeof IS_TEXT_FIELD;
/** Field of a {@link PromptRecord} with a text by users or models. */
export type TextField = { [F in Field]: (typeof IS_TEXT_FIELD)[F] extends true ? F : never }[Field];

/** All text fields. Redaction and limits go through them, so that none is forgotten. */
export const TEXT_FIELDS: readonly TextField[] = Object.keys(IS_TEXT_FIELD).filter(
  (field): field is TextField => IS_TEXT_FIELD[field as Field],
);

/** Event that is not a prompt: a failed call, feedback, or an event of the application. */
export interface TrackedEvent {
  readonly id: string;
  /** Name of the event, for instance `"LLM error"` or `"Sign up"`. */
  readonly event: string;
  readonly userId: string;
  readonly threadId?: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** `userId` of records and events without a known user. */
export const ANONYMOUS = 'anonymous';
