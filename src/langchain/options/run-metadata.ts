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

/** Takes the value of a known key. */
type KeyReader = (parsed: ParsedMetadata, value: unknown, key: string) => void;

const ignore: KeyReader = () => {};

const KNOWN_KEYS: readonly (readonly [string, KeyReader])[] = [
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
  ['ls_provider', (parsed, value) => (parsed.provider = value)],
  ['ls_model_name', (parsed, value) => (parsed.model = value)],
  ['ls_temperature', (parsed, value) => (parsed.temperature = value)],
  ['ls_max_tokens', (parsed, value) => (parsed.maxTokens = value)],
  ['ls_stop', (parsed, value) => (parsed.stop = value)],
  ['lc_agent_name', (parsed, value) => (parsed.agentName = value)],
  ['ls_integration', (parsed, value) => (parsed.integration = value)],
  ['versions', ignore],
  ['timeoutMs', ignore],
];

/** Known keys, and internal keys of LangChain and LangGraph found so far: both use few keys, and the same in every run. */
const keyReaders = new Map<string, KeyReader>(KNOWN_KEYS);
const MAX_KEY_READERS = 200;
const INTERNAL_PREFIXES = ['ls_', 'lc_', 'langgraph_', 'checkpoint_', '__'];

const MAX_TEXT_LENGTH = 100_000;

/**
 * Parses the metadata of a run in one pass over the keys that it has. Looking up each known name instead is slower for the objects
 * that LangChain builds, and this runs at the start of every run (test/bench/langchain.mjs).
 */
export function readMetadata(metadata: unknown): RunMetadata {
  const parsed = new ParsedMetadata();
  if (!isRecord(metadata)) return parsed;
  for (const key in metadata) {
    const read = keyReaders.get(key) ?? findReader(key, metadata);
    if (read === ignore) continue;
    let value: unknown;
    try {
      value = metadata[key];
    } catch {
      // A getter of a foreign object.
    }
    read(parsed, value, key);
  }
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
  userIdRank = Infinity;
  threadIdRank = Infinity;
}

/** Returns the reader of a key that is not in `keyReaders`. Remembers internal keys. */
function findReader(key: string, metadata: Readonly<Record<string, unknown>>): KeyReader {
  if (!Object.hasOwn(metadata, key)) return ignore;
  if (!INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix))) return addUserMetadata;
  if (keyReaders.size < MAX_KEY_READERS) keyReaders.set(key, ignore);
  return ignore;
}

function addUserMetadata(parsed: ParsedMetadata, value: unknown, key: string): void {
  parsed.userMetadata ??= {};
  parsed.userMetadata[key] = withoutBytes(value);
}

/** Makes a reader for each of the keys that can hold an id. If several do, the first in the list wins. */
function idKeys(field: 'userId' | 'threadId', ...keys: string[]): [string, KeyReader][] {
  const rankField = `${field}Rank` as const;
  return keys.map((key, rank) => [
    key,
    (parsed, value) => {
      const id = rank < parsed[rankField] ? metadataId(key, value) : undefined;
      if (id === undefined) return;
      parsed[field] = id;
      parsed[rankField] = rank;
    },
  ]);
}

/** Builds the name of the key only for other values than texts, because this runs for each run. */
function metadataId(key: string, value: unknown): string | undefined {
  return typeof value === 'string' ? idText(value) : idTextOrWarn(`metadata.${key}`, value);
}

function withoutBytes(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_TEXT_LENGTH);
  return ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
}
