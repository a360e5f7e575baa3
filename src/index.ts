export type { BaggageKeys } from './baggage.js';
export { TrubricsClient } from './client.js';
export { withTrubrics, type Identity } from './context.js';
export type { DroppedEntry } from './delivery/settings.js';
export type { DeliveryStats, DropReason } from './delivery/settlement.js';
export type { Spool, SpoolStats } from './delivery/spool.js';
export type { Answer, Batch, Destination, Entry, EntryKind } from './destinations/destination.js';
export {
  createFeedbackHandler,
  type FeedbackHandlerOptions,
  type FeedbackTarget,
} from './feedback/feedback-handler.js';
export {
  trubricsPlatform,
  type TrubricsPlatform,
  type TrubricsPlatformOptions,
} from './destinations/platform.js';
export { fromTrubricsSdk } from './destinations/sdk.js';
export { trubricsIngestion } from './destinations/trubrics.js';
export { TrubricsSpanExporter, type ExportResultLike } from './exporter.js';
export { TrubricsLogRecordProcessor, type LogRecordLike } from './log-processor.js';
export type { ErrorMode, Granularity, IdentityFunction, TrubricsOptions } from './options.js';
export { TrubricsSpanProcessor } from './processor.js';
export type { PromptInput } from './prompt-input.js';
export type {
  LlmCall,
  LlmOperation,
  Message,
  MessagePart,
  OutputMessage,
  RequestParameters,
  TokenUsage,
} from './reading/llm-call.js';
export { readLlmCall } from './reading/read-llm-call.js';
export type { SpanEventLike, SpanLike } from './reading/span-like.js';
export type { SkipReason, TrubricsStats } from './recording/outlet.js';
export type { PromptRecord, PropertyValue, TrackedEvent } from './records/prompt-record.js';
export { toPromptRecords, type ToPromptRecordsOptions } from './records/to-prompt-records.js';
export {
  personalDataRedactor,
  redactPersonalData,
  type PersonalDataOptions,
} from './records/redaction/redact-personal-data.js';
export type { PersonalDataKind } from './records/redaction/personal-data.js';
export type { FeedbackInput, FeedbackSymbol } from './records/to-feedback-event.js';
export type { TrackInput } from './records/to-tracked-event.js';
