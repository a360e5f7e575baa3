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
