import type { Attributes } from '@opentelemetry/api';
import type { KnownIdentity } from '../context.js';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_TRUBRICS_METADATA,
  ATTR_TRUBRICS_TAGS,
  ATTR_USER_ID,
} from '../semconv.js';
import type { HandlerSettings } from './handler-options.js';
import { toShortJson } from './json.js';
import { cut, isRecord } from './read.js';
import { withoutBinary } from './without-binary.js';

const USER_RANKS = ranks('user_id', 'userId', 'langfuseUserId');
const THREAD_RANKS = ranks(
  'thread_id',
  'threadId',
  'session_id',
  'sessionId',
  'conversation_id',
  'langfuseSessionId',
);

/** Tags by which LangChain and LangGraph mark steps, branches, attempts and hidden runs. */
const INTERNAL_TAG = /^(?:seq:step:|map:key:|retry:attempt:|graph:step:|langsmith:)/;
const STEP_TAG = /^(?:seq:step:|map:key:)/;
const HIDDEN_TAG = 'langsmith:hidden';

const MAX_ID_LENGTH = 1_000;
const MAX_METADATA_LENGTH = 100_000;
const MAX_TAGS = 1_000;
const MAX_TAG_LENGTH = 1_000;

/** Who asks, as far as `config.metadata` of a run and of those above it says. */
export interface RunIdentity {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** What `withTrubrics()` said around this run, else around the nearest one above it. */
  readonly ambient: KnownIdentity | undefined;
}

/** `config.metadata` of a run, taken apart. */
export interface RunMetadata {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** The user's own metadata, without ids and without what LangChain adds. */
  readonly own: Readonly<Record<string, unknown>> | undefined;
}

/** Takes metadata apart in one pass: it is read at the start of every run. */
export function readMetadata(metadata: unknown): RunMetadata {
  const user = new BestId();
  const thread = new BestId();
  let own: Record<string, unknown> | undefined;
  if (isRecord(metadata)) {
    for (const key of Object.keys(metadata)) {
      if (isKnownInternalKey(key)) continue;
      const userRank = USER_RANKS.get(key);
      const threadRank = userRank === undefined ? THREAD_RANKS.get(key) : undefined;
      if (userRank !== undefined) user.offer(read(metadata, key), userRank);
      else if (threadRank !== undefined) thread.offer(read(metadata, key), threadRank);
      else (own ??= {})[key] = withoutBytes(read(metadata, key));
    }
  }
  return { userId: user.value, threadId: thread.value, own };
}

/** The identity of a run: its own metadata, then its parent's. */
export function runIdentity(
  { userId, threadId }: RunMetadata,
  parent: RunIdentity | undefined,
  ambient: KnownIdentity | undefined,
): RunIdentity {
  return {
    userId: userId ?? parent?.userId,
    threadId: threadId ?? parent?.threadId,
    ambient: ambient ?? parent?.ambient,
  };
}

/** Whether LangChain runs it as a part of a sequence or of a map. */
export function isStep(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.some((tag) => typeof tag === 'string' && STEP_TAG.test(tag));
}

export function isHidden(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.includes(HIDDEN_TAG);
}

/** Adds user, conversation, tags and metadata to the attributes of the run's span. */
export function addIdentity(
  attributes: Attributes,
  { userId, threadId, ambient }: RunIdentity,
  settings: HandlerSettings,
  tags: readonly string[] | undefined,
  own: RunMetadata['own'],
): void {
  attributes[ATTR_TRUBRICS_TAGS] = mergeTags(ambient?.tags, settings.tags, tags);
  const user = userId ?? settings.userId ?? ambient?.userId;
  const thread = threadId ?? settings.threadId ?? ambient?.threadId;
  if (user !== undefined) attributes[ATTR_USER_ID] = user;
  if (thread !== undefined) {
    attributes[ATTR_GEN_AI_CONVERSATION_ID] = thread;
    attributes[ATTR_SESSION_ID] = thread;
  }
  const merged = mergeMetadata(own, settings.metadata, ambient?.properties);
  if (merged) attributes[ATTR_TRUBRICS_METADATA] = withoutBinary(toShortJson(merged, MAX_METADATA_LENGTH));
}

function mergeTags(
  ambient: readonly string[] | undefined,
  ofHandler: readonly string[],
  ofRun: readonly string[] | undefined,
): string[] {
  const tags = new Set(['langchain', ...ofHandler]);
  if (Array.isArray(ofRun)) {
    for (const tag of ofRun.slice(0, MAX_TAGS)) {
      if (typeof tag === 'string' && tag !== '' && !INTERNAL_TAG.test(tag))
        tags.add(cut(tag, MAX_TAG_LENGTH));
    }
  }
  for (const tag of ambient ?? []) tags.add(tag);
  return [...tags];
}

/** The nearer to the run, the more it counts. */
function mergeMetadata(
  ofRun: Readonly<Record<string, unknown>> | undefined,
  ofHandler: Readonly<Record<string, unknown>> | undefined,
  ambient: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (!ofHandler && !ambient) return ofRun;
  return { ...ambient, ...ofHandler, ...ofRun };
}

/** LangChain and LangGraph have few keys of their own, and use them in every run. */
const internalKeys = new Set<string>();
const MAX_INTERNAL_KEYS = 200;

function isKnownInternalKey(key: string): boolean {
  if (internalKeys.has(key)) return true;
  if (!isInternalKey(key)) return false;
  if (internalKeys.size < MAX_INTERNAL_KEYS) internalKeys.add(key);
  return true;
}

/** What LangChain and LangGraph add to the user's metadata on their own. */
function isInternalKey(key: string): boolean {
  return (
    key.startsWith('ls_') ||
    key.startsWith('lc_') ||
    key.startsWith('langgraph_') ||
    key.startsWith('checkpoint_') ||
    key.startsWith('__') ||
    key === 'versions' ||
    key === 'timeoutMs'
  );
}

/** Of several keys that name the same, the first in the list counts. */
class BestId {
  value: string | undefined;
  #rank = Infinity;

  offer(candidate: unknown, rank: number): void {
    if (rank > this.#rank) return;
    const id = asId(candidate);
    if (id === undefined) return;
    this.value = id;
    this.#rank = rank;
  }
}

function asId(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : cut(value, MAX_ID_LENGTH);
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

function withoutBytes(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_METADATA_LENGTH);
  return ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
}

function ranks(...keys: string[]): ReadonlyMap<string, number> {
  return new Map(keys.map((key, rank) => [key, rank]));
}

/** A property of somebody else's object: its getter may throw. */
function read(source: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
