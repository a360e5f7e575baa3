import type { ValidationError } from './validation-error.js';

/** An ingestion request that was refused, or accepted with a warning (status 200). */
export interface Rejection {
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  readonly path: string;
  readonly status: number;
  /** `detail` of the response: a sentence, or one error per field. */
  readonly detail: string | readonly ValidationError[];
  readonly userAgent?: string;
}

/** Rejections that are kept: one screen of the page, scrolled a few times. */
const MAX_REJECTIONS = 200;

/** Keeps the latest refused requests, newest first. */
export class Rejections {
  #list: Rejection[] = [];
  #total = 0;

  /** Rejections since the start, including those that are no longer kept. */
  get total(): number {
    return this.#total;
  }

  add(rejection: Omit<Rejection, 'id'>): Rejection {
    const numbered = { id: ++this.#total, ...rejection };
    this.#list = [numbered, ...this.#list].slice(0, MAX_REJECTIONS);
    return numbered;
  }

  list(): readonly Rejection[] {
    return this.#list;
  }

  /** Forgets them; with a time (ISO 8601), those up to then. */
  clear(upTo?: string): void {
    this.#list = upTo === undefined ? [] : this.#list.filter(({ at }) => at > upTo);
  }
}
