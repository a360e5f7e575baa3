import { idText, idTextOrWarn } from '../../common/id-text.js';
import { cut, isRecord } from '../../common/unknown-values.js';

/** Parsed `config.metadata` of a run. */
export interface RunMetadata {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** Metadata of the user, without ids and without the keys that LangChain adds. Undefined if there is none. */
  readonly userMetadata: Readonly<Record<string, unknown>> | undefined;
  /** `ls_…` keys that LangChain adds for a model, unchecked. */
  readonly provider: unknown;
  readonly model: unknown;
  readonly temperature: unknown;
  readonly maxTokens: unknown;
  readonly stop: unknown;
  /** Keys that LangChain adds for an agent, unchecked. */
  readonly agentName: unknown;
  readonly integration: unknown;
}

type Field = Exclude<keyof RunMetadata, 'userMetadata'>;

/** Meaning of a metadata key. If several keys hold the same id, the one with the lowest rank wins. */
type KeyRole =
  | { readonly field: 'userId' | 'threadId'; readonly rank: number }
  | { readonly field: Exclude<Field, 'userId' | 'threadId'> }
  | 'internal';

const KNOWN_KEYS: readonly (readonly [string, KeyRole])[] = [
  ...idKeys('userId', 'user_id', 'userId', 'langfuseUserId'),
  ...idKeys(
    'threadId',
    'thread_id',
    'threadId',
    'session_id',
    'sessionId',
    'conversation_id',
    'langfuseSessionId',
  ),
  ['ls_provider', { field: 'provider' }],
  ['ls_model_name', { field: 'model' }],
  ['ls_temperature', { field: 'temperature' }],
  ['ls_max_tokens', { field: 'maxTokens' }],
  ['ls_stop', { field: 'stop' }],
  ['lc_agent_name', { field: 'agentName' }],
  ['ls_integration', { field: 'integration' }],
  ['versions', 'internal'],
  ['timeoutMs', 'internal'],
];

/** Known keys, and internal keys of LangChain and LangGraph found so far: both use few keys, and the same in every run. */
const keyRoles = new Map<string, KeyRole>(KNOWN_KEYS);
const MAX_KEY_ROLES = 200;
const INTERNAL_PREFIXES = ['ls_', 'lc_', 'langgraph_', 'checkpoint_', '__'];

const MAX_TEXT_LENGTH = 100_000;

/**
 * Parses the metadata of a run in one pass over the keys that it has. Looking up each known name instead is slower for the objects
 * that LangChain builds, and this runs at the start of every run (test/bench/langchain.mjs).
 */
export function readMetadata(metadata: unknown): RunMetadata {
  const parsed = new ParsedMetadata();
  if (isRecord(metadata)) for (const key of Object.keys(metadata)) parsed.add(key, metadata);
  return parsed;
}

class ParsedMetadata implements RunMetadata {
  userId: string | undefined = undefined;
  threadId: string | undefined = undefined;
  userMetadata: Record<string, unknown> | undefined = undefined;
  provider: unknown = undefined;
  model: unknown = undefined;
  temperature: unknown = undefined;
  maxTokens: unknown = undefined;
  stop: unknown = undefined;
  agentName: unknown = undefined;
  integration: unknown = undefined;
  userRank = Infinity;
  threadRank = Infinity;

  add(key: string, source: Readonly<Record<string, unknown>>): void {
    const role = keyRoles.get(key) ?? findKeyRole(key);
    if (role === 'internal') return;
    const value = readProperty(source, key);
    if (role === undefined) (this.userMetadata ??= {})[key] = withoutBytes(value);
    else if (role.field === 'userId') this.#addUser(key, value, role.rank);
    else if (role.field === 'threadId') this.#addThread(key, value, role.rank);
    else this[role.field] = value;
  }

  #addUser(key: string, value: unknown, rank: number): void {
    const id = rank < this.userRank ? metadataId(key, value) : undefined;
    if (id === undefined) return;
    this.userId = id;
    this.userRank = rank;
  }

  #addThread(key: string, value: unknown, rank: number): void {
    const id = rank < this.threadRank ? metadataId(key, value) : undefined;
    if (id === undefined) return;
    this.threadId = id;
    this.threadRank = rank;
  }
}

/** Returns the role of a key that is not in `keyRoles`; undefined for a key of the user. Remembers internal keys. */
function findKeyRole(key: string): KeyRole | undefined {
  if (!INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix))) return undefined;
  if (keyRoles.size < MAX_KEY_ROLES) keyRoles.set(key, 'internal');
  return 'internal';
}

function idKeys(field: 'userId' | 'threadId', ...keys: string[]): [string, KeyRole][] {
  return keys.map((key, rank) => [key, { field, rank }]);
}

/** Builds the name of the key only for other values than texts, because this runs for each run. */
function metadataId(key: string, value: unknown): string | undefined {
  return typeof value === 'string' ? idText(value) : idTextOrWarn(`metadata.${key}`, value);
}

function withoutBytes(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_TEXT_LENGTH);
  return ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
}

/** Returns a property of a foreign object; undefined if its getter throws. */
function readProperty(source: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
