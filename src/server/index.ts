export {
  createServer,
  INGESTION_PATH,
  type CreateServerOptions,
  type TrubricsServer,
} from './http/create-server.js';
export {
  DEFAULT_PORT,
  startServer,
  type RunningServer,
  type StartServerOptions,
} from './http/start-server.js';
export type { ForwardTarget } from './ingest/forwarding.js';
export type { ValidationError } from './model/validation-error.js';
export type { RecordList } from './engines/memory/list-records.js';
export type { ThreadList, ThreadSummary } from './engines/memory/list-threads.js';
export type { UserList, UserSummary } from './engines/memory/list-users.js';
export type { Statistics } from './engines/memory/statistics.js';
export type { Rejection } from './model/rejections.js';
export { FileLockedError } from './engines/file/file-lock.js';
export { openFileStore, type FileStoreOptions } from './engines/file/file-store.js';
export { MemoryStore, type MemoryStoreOptions } from './engines/memory/memory-store.js';
export type { RecordTable } from './engines/memory/record-table.js';
export type { RecordStore, StoreEntry, StoreUsage } from './engines/record-store.js';
export type { NewRecord, StoredEvent, StoredPrompt, StoredRecord } from './model/stored-record.js';
