import { cut, isRecord } from '../../common/unknown-values.js';

/** `config.metadata` of a run, taken apart. */
export interface RunMetadata {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** The user's own metadata, without ids and without what LangChain adds. */
  readonly own: Readonly<Record<string, unknown>> | undefined;
  /** What LangChain says there of a model. As it was given. */
  readonly provider: unknown;
  readonly model: unknown;
  readonly temperature: unknown;
  readonly maxTokens: unknown;
  readonly stop: unknown;
  /** What LangChain says there of an agent. As it was given. */
  readonly agentName: unknown;
  readonly integration: unknown;
}

type Field = Exclude<keyof RunMetadata, 'own'>;

/** What a key stands for; of several keys for one id, the one of the lowest rank counts. */
type Meaning =
  | { readonly field: 'userId' | 'threadId'; readonly rank: number }
  | { readonly field: Exclude<Field, 'userId' | 'threadId'> }
  | 'internal';

const KNOWN: readonly (readonly [string, Meaning])[] = [
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

/** LangChain and LangGraph have few keys of their own, and use them in every run: those that were met are added. */
const meanings = new Map<string, Meaning>(KNOWN);
const MAX_MEANINGS = 200;
const INTERNAL_PREFIXES = ['ls_', 'lc_', 'langgraph_', 'checkpoint_', '__'];

const MAX_ID_LENGTH = 1_000;
const MAX_TEXT_LENGTH = 100_000;

/**
 * Takes metadata apart in one pass over what is there. It is read at the start of every run, and LangChain has put it together
 * property by property: V8 takes microseconds to find out that such an object does not have a name.
 */
export function readMetadata(metadata: unknown): RunMetadata {
  const taken = new TakenApart();
  if (isRecord(metadata)) for (const key of Object.keys(metadata)) taken.add(key, metadata);
  return taken;
}

class TakenApart implements RunMetadata {
  userId: string | undefined = undefined;
  threadId: string | undefined = undefined;
  own: Record<string, unknown> | undefined = undefined;
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
    const meaning = meanings.get(key) ?? meaningOf(key);
    if (meaning === 'internal') return;
    const value = read(source, key);
    if (meaning === undefined) (this.own ??= {})[key] = withoutBytes(value);
    else if (meaning.field === 'userId') this.#addUser(value, meaning.rank);
    else if (meaning.field === 'threadId') this.#addThread(value, meaning.rank);
    else this[meaning.field] = value;
  }

  #addUser(value: unknown, rank: number): void {
    const id = rank < this.userRank ? asId(value) : undefined;
    if (id === undefined) return;
    this.userId = id;
    this.userRank = rank;
  }

  #addThread(value: unknown, rank: number): void {
    const id = rank < this.threadRank ? asId(value) : undefined;
    if (id === undefined) return;
    this.threadId = id;
    this.threadRank = rank;
  }
}

/** What LangChain and LangGraph add to the user's metadata on their own says nothing. */
function meaningOf(key: string): Meaning | undefined {
  if (!INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix))) return undefined;
  if (meanings.size < MAX_MEANINGS) meanings.set(key, 'internal');
  return 'internal';
}

function idKeys(field: 'userId' | 'threadId', ...keys: string[]): [string, Meaning][] {
  return keys.map((key, rank) => [key, { field, rank }]);
}

function asId(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : cut(value, MAX_ID_LENGTH);
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

function withoutBytes(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_TEXT_LENGTH);
  return ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
}

/** A property of somebody else's object: its getter may throw. */
function read(source: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
