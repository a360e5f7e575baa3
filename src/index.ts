export { withTrubrics, type Identity } from './context.js';
export type { Answer, Batch, Destination, Entry, EntryKind } from './destinations/destination.js';
export type { SpanEventLike, SpanLike } from './reading/span-like.js';
export type { PromptRecord, PropertyValue, TrackedEvent } from './records/prompt-record.js';
