/** A JSON value that can be filtered by in a dashboard, or at least shown. */
export type PropertyValue =
  string | number | boolean | null | readonly PropertyValue[] | { readonly [key: string]: PropertyValue };

/** What an analyst sees of one LLM call: who asked what, and what was answered. */
export interface PromptRecord {
  /** `traceId-spanId`. Stable, so that a repeated delivery can be recognised. */
  readonly id: string;
  /** Who asked. Never empty: `"anonymous"` when nobody says. */
  readonly userId: string;
  /** The conversation, when one is known. Never a trace id. */
  readonly threadId?: string;
  /** Text of the last user message of the input. */
  readonly prompt: string;
  /** Text of the answer; for an answer of tool calls alone `name({"arg":1})`, one a line. */
  readonly generation: string;
  /** The response model, else the request model, else `"unknown"`. */
  readonly assistantId: string;
  /** When the generation was complete, ISO 8601. */
  readonly timestamp: string;
  /** Seconds, with a fraction. */
  readonly latency: number;
  readonly tags: readonly string[];
  /** What else is known, scalars wherever possible, then the user's own metadata under its own names. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** Something that happened and is not a prompt: an error of a model, or an event of the application. */
export interface TrackedEvent {
  readonly id: string;
  /** The event's name, for instance `"LLM error"` or `"Sign up"`. */
  readonly event: string;
  readonly userId: string;
  readonly threadId?: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
}
