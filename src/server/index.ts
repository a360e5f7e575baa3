export { createServer, type CreateServerOptions, type TrubricsServer } from './http/create-server.js';
export { INGESTION_PATH } from './http/paths.js';
export {
  DEFAULT_PORT,
  startServer,
  type RunningServer,
  type StartServerOptions,
} from './http/start-server.js';
export type { ForwardTarget } from './ingest/forwarding.js';
export type { ValidationError } from './model/intake/validation-error.js';
export type {
  RecordList,
  ThreadList,
  ThreadOrder,
  ThreadSummary,
  UserList,
  UserSummary,
} from './model/lists.js';
export type { Dimension } from './model/measure/dimensions.js';
export type {
  MeasureAnswer,
  MeasuredGroup,
  MeasuredValues,
  MeasureSteps,
  OtherGroups,
} from './model/measure/measure-answer.js';
export type { Statistics } from './model/statistics.js';
export type { IntakeStatus, StoreOutage } from './model/intake/intake-status.js';
export type { Rejection } from './model/intake/rejections.js';
export { FileLockedError } from './engines/file/file-lock.js';
export { openFileStore, type FileStoreOptions } from './engines/file/file-record-store.js';
export { openClickHouseStore, type ClickHouseStoreOptions } from './engines/clickhouse/clickhouse-store.js';
export { MemoryStore, type MemoryStoreOptions } from './engines/memory/memory-store.js';
export {
  NOT_STORED,
  VersionConflictError,
  type DocumentStore,
  type NewDocument,
  type StoredDocument,
} from './engines/document-store.js';
export type {
  ChangePage,
  Changes,
  Cursor,
  Erasure,
  PageRequest,
  PutResult,
  RecordPage,
  RecordStore,
  RemoveResult,
  StoreUsage,
} from './engines/record-store.js';
export type { Measure, MeasureRequest, TimeStep } from './query/measure-request.js';
export type { PropertyCondition, QueryTime, RecordQuery, SearchTerm } from './query/record-query.js';
export type { NewRecord, StoredEvent, StoredPrompt, StoredRecord } from './model/stored-record.js';
