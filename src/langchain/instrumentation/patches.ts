import { guard } from '../../common/guard.js';

/** Method of another library. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Replaces methods of other libraries and restores them.
 *
 * A replacement that another library has replaced in turn cannot be removed. After `undo()` it only calls the original.
 */
export class Patches {
  #isActive = true;
  readonly #restorers: (() => void)[] = [];
  readonly #replaced = new WeakMap<object, Set<string>>();

  get isActive(): boolean {
    return this.#isActive;
  }

  /** Replaces an own method of `owner`, once. `wrap` gets the original and returns the replacement. */
  replace(owner: object, name: string, wrap: (original: Method) => Method): void {
    if (!this.#isActive || this.#replaced.get(owner)?.has(name)) return;
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = descriptor?.value;
    if (!descriptor || typeof original !== 'function' || !descriptor.configurable) return;
    const patched = this.#withOriginal(original as Method, wrap(original as Method));
    Object.defineProperty(owner, name, { ...descriptor, value: patched });
    this.#markReplaced(owner, name);
    this.#restorers.push(() => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.value !== patched) return;
      Object.defineProperty(owner, name, descriptor);
    });
  }

  undo(): void {
    this.#isActive = false;
    for (const restore of this.#restorers.splice(0)) guard('LangChain undo', restore);
  }

  #withOriginal(original: Method, replacement: Method): Method {
    const isActive = (): boolean => this.#isActive;
    return function (this: unknown, ...args) {
      return isActive() ? replacement.apply(this, args) : original.apply(this, args);
    };
  }

  #markReplaced(owner: object, name: string): void {
    const names = this.#replaced.get(owner) ?? new Set();
    this.#replaced.set(owner, names.add(name));
  }
}
