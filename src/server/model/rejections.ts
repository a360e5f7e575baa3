import type { ValidationError } from './validation-error.js';

/** A request of a sender that was refused. */
export interface Rejection {
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  readonly path: string;
  readonly status: number;
  /** As it was answered: a sentence, or what is wrong with each field. */
  readonly detail: string | readonly ValidationError[];
  readonly userAgent?: string;
}

const MAX_REJECTIONS = 200;

/** The last refused requests, newest first. */
export class Rejections {
  #list: Rejection[] = [];
  #total = 0;

  /** Since the start, including those that are no longer listed. */
  get total(): number {
    return this.#total;
  }

  add(rejection: Omit<Rejection, 'id'>): Rejection {
    const kept = { id: ++this.#total, ...rejection };
    this.#list = [kept, ...this.#list].slice(0, MAX_REJECTIONS);
    return kept;
  }

  list(): readonly Rejection[] {
    return this.#list;
  }

  clear(): void {
    this.#list = [];
  }
}
