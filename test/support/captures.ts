import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SpanLike } from '../../src/reading/span-like.js';

/** The truth about one call: what was fed to the library and what the model answered, never what the span says. */
export interface ExpectedCall {
  readonly spanId: string;
  readonly acceptSpanIds?: readonly string[];
  readonly spanName: string;
  readonly prompt: string;
  readonly systemPrompt: string | null;
  readonly generation: string;
  readonly choices?: readonly string[];
  readonly model: string | null;
  readonly responseModel: string | null;
  readonly inputTokens: number | null;
  readonly inputTokensAccept?: readonly number[];
  readonly outputTokens: number | null;
  readonly cachedInputTokens?: number | null;
  readonly reasoningTokens?: number | null;
  readonly userId: string | null;
  readonly threadId: string | null;
  readonly finishReason: string | null;
  readonly toolCalls: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments?: unknown;
  }[];
  readonly streaming: boolean;
  readonly error: unknown;
  readonly tags?: readonly string[];
  readonly temperature?: number | null;
  readonly maxTokens?: number | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Fields that the library did not put on this span nor on one above: nobody can know them. */
  readonly notRecorded?: readonly string[];
  readonly recordedOnAncestor?: Readonly<Record<string, string>>;
}

/** Spans of one run of a real library, and the truth about it. */
export interface Capture {
  readonly name: string;
  readonly library: string;
  readonly spans: readonly SpanLike[];
  readonly logs: readonly CapturedLog[];
  readonly contentLocation: string | undefined;
  readonly llmSpanCount: number;
  readonly calls: readonly ExpectedCall[];
}

export interface CapturedLog {
  readonly [field: string]: unknown;
}

const FOLDER = fileURLToPath(new URL('../fixtures/spans/', import.meta.url));

/** All captures in `test/fixtures/spans`, and in the folder that `TRUBRICS_MORE_CAPTURES` names. */
export function loadCaptures(): readonly Capture[] {
  const folders = [FOLDER, process.env.TRUBRICS_MORE_CAPTURES].filter((folder) => folder !== undefined);
  return folders.flatMap(loadFolder);
}

function loadFolder(folder: string): Capture[] {
  const suffix = '.expected.json';
  const names = readdirSync(folder).filter((file) => file.endsWith(suffix));
  return names.map((file) => loadCapture(folder, file.slice(0, -suffix.length)));
}

function loadCapture(folder: string, name: string): Capture {
  const read = (ending: string): unknown => JSON.parse(readFileSync(`${folder}/${name}${ending}`, 'utf8'));
  const expected = read('.expected.json') as Omit<Capture, 'name' | 'spans' | 'logs'>;
  const logs = existsSync(`${folder}/${name}.logs.json`) ? (read('.logs.json') as CapturedLog[]) : [];
  return {
    ...expected,
    name,
    library: expected.library ?? name,
    logs,
    spans: (read('.json') as RawSpan[]).map(revive),
  };
}

type RawSpan = Omit<SpanLike, 'spanContext'> & {
  readonly spanContext: ReturnType<SpanLike['spanContext']>;
  readonly nonFiniteAttributes?: Readonly<Record<string, string>>;
};

function revive({ spanContext, nonFiniteAttributes = {}, ...span }: RawSpan): SpanLike {
  const numbers = Object.entries(nonFiniteAttributes).map(([key, text]) => [key, Number(text)] as const);
  return {
    ...span,
    attributes: { ...span.attributes, ...Object.fromEntries(numbers) },
    spanContext: () => spanContext,
  };
}
