export { TrubricsClient } from './client/client.js';
export { withTrubrics, type Identity } from './identity/with-trubrics.js';
export type { DroppedEntry } from './delivery/model/settings.js';
export type { DropReason } from './delivery/model/settlement.js';
export type { DeliveryStats } from './delivery/model/delivery-stats.js';
export type { Spool, SpoolStats } from './delivery/model/spool.js';
export type {
  Answer,
  Batch,
  Destination,
  DestinationResponse,
  SendContext,
  Entry,
  EntryKind,
} from './destinations/destination.js';
export {
  createFeedbackHandler,
  type FeedbackHandlerOptions,
  type FeedbackTarget,
} from './feedback/feedback-handler.js';
export {
  trubricsPlatform,
  type TrubricsPlatform,
  type TrubricsPlatformOptions,
} from './destinations/platform/platform.js';
export { fromTrubricsSdk } from './destinations/sdk/sdk.js';
export { trubricsIngestion } from './destinations/ingestion/ingestion.js';
export { TRUBRICS_CLOUD } from './destinations/ingestion/ingestion-target.js';
export { TrubricsSpanExporter, type ExportResultLike } from './otel/exporter.js';
export { TrubricsLogRecordProcessor, type LogRecordLike } from './otel/log-processor.js';
export type {
  BaggageKeys,
  ErrorMode,
  Granularity,
  IdentityFunction,
  TrubricsOptions,
} from './config/options.js';
export { TrubricsSpanProcessor } from './otel/processor.js';
export type { PromptInput } from './client/prompt-input.js';
export type {
  LlmCall,
  LlmOperation,
  Message,
  MessagePart,
  OutputMessage,
  RequestParameters,
  TokenUsage,
} from './reading/model/llm-call.js';
export { readLlmCall } from './reading/dialects/read-llm-call.js';
export type { SpanEventLike, SpanLike } from './reading/model/span-like.js';
export type { SkipReason } from './pipeline/skip-reason.js';
export type { TrubricsStats } from './pipeline/trubrics-stats.js';
export type { SpanExplanation, SpanOutcome, SpanReason } from './reading/advice/span-explanation.js';
export type { PromptRecord, PropertyValue, TrackedEvent } from './records/model/prompt-record.js';
export { toPromptRecords, type ToPromptRecordsOptions } from './records/to-prompt-records.js';
export {
  personalDataRedactor,
  redactPersonalData,
  type PersonalDataOptions,
} from './records/privacy/redaction/redact-personal-data.js';
export type { PersonalDataKind } from './records/privacy/redaction/personal-data-kind.js';
export type { FeedbackInput, FeedbackSymbol } from './records/feedback/to-feedback-event.js';
export type { TrackInput } from './records/feedback/to-tracked-event.js';
