export {
  createServer,
  INGESTION_PATH,
  type CreateServerOptions,
  type TrubricsServer,
} from './create-server.js';
export { DEFAULT_PORT, startServer, type RunningServer, type StartServerOptions } from './start-server.js';
export type { ForwardTarget } from './forwarding.js';
export type { ValidationError } from './ingestion/validation-error.js';
export type { RecordList } from './query/list-records.js';
export type { ThreadList, ThreadSummary } from './query/list-threads.js';
export type { UserList, UserSummary } from './query/list-users.js';
export type { Statistics } from './query/statistics.js';
export type { Rejection } from './rejections.js';
export { FileLockedError } from './store/file-lock.js';
export { openFileStore, type FileStoreOptions } from './store/file-store.js';
export { MemoryStore, type MemoryStoreOptions } from './store/memory-store.js';
export type { RecordTable } from './store/record-table.js';
export type { RecordStore, StoreEntry, StoreUsage } from './store/record-store.js';
export type { NewRecord, StoredEvent, StoredPrompt, StoredRecord } from './stored-record.js';
