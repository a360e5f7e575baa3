import { toServerUrl } from '../browser/base-path.js';
import type { BlockNode } from './markdown-node.js';

/** Longer texts stay plain. */
export const MAX_MARKDOWN_LENGTH = 150_000;
/** A text that takes longer stays plain. Usual answers take a few milliseconds. */
const MAX_PARSE_MS = 3000;
/** Texts whose trees are kept, so that a list that is drawn again does not ask again. */
const MAX_KEPT = 200;

export interface MarkdownRequest {
  readonly key: number;
  readonly text: string;
}

export interface MarkdownResponse {
  readonly key: number;
  readonly blocks: readonly BlockNode[];
}

/** State of a text. `failed`: it takes too long, or the browser has no workers. */
export type ParsedMarkdown = readonly BlockNode[] | 'failed';

interface Waiting extends MarkdownRequest {
  readonly done: (parsed: ParsedMarkdown) => void;
}

/** Set by `scripts/build.mjs`: the hash of the worker's script. */
declare const MARKDOWN_WORKER_VERSION: string;

/** Asks the worker for one text after another. A text that it cannot read in time ends the worker, and the next one gets a new one. */
export class MarkdownParser {
  readonly #kept = new Map<string, ParsedMarkdown>();
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #current: Waiting | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #nextKey = 1;

  /** Returns what is known of a text already. */
  known(text: string): ParsedMarkdown | undefined {
    return this.#kept.get(text);
  }

  parse(text: string): Promise<ParsedMarkdown> {
    return new Promise((done) => {
      this.#queue.push({ key: this.#nextKey++, text, done });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#current = next;
    const known = this.#kept.get(next.text);
    if (known) {
      this.#finish(known);
      return;
    }
    try {
      this.#worker ??= this.#start();
    } catch {
      this.#finish('failed');
      return;
    }
    this.#deadline = setTimeout(() => this.#giveUp(), MAX_PARSE_MS);
    const request: MarkdownRequest = { key: next.key, text: next.text };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have no origin
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(toServerUrl(`/markdown-worker.js?v=${MARKDOWN_WORKER_VERSION}`));
    worker.addEventListener('message', ({ data }: MessageEvent<MarkdownResponse>) => {
      if (data.key === this.#current?.key) this.#finish(data.blocks);
    });
    // The script could not be loaded, or the text has too many nodes.
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#giveUp();
    });
    return worker;
  }

  #giveUp(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#finish('failed');
  }

  #finish(parsed: ParsedMarkdown): void {
    clearTimeout(this.#deadline);
    const current = this.#current;
    this.#current = undefined;
    if (current) {
      this.#keep(current.text, parsed);
      current.done(parsed);
    }
    this.#next();
  }

  #keep(text: string, parsed: ParsedMarkdown): void {
    this.#kept.delete(text);
    this.#kept.set(text, parsed);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
