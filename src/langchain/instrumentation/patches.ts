import { guard } from '../../common/guard.js';

/** A function of another library, called as it would be without us. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Methods of other libraries' classes that were replaced, and how to put them back.
 *
 * A replacement stays correct when it cannot be taken away, because somebody else has replaced it in turn: once undone, it does
 * nothing but call the original.
 */
export class Patches {
  #isActive = true;
  readonly #restorers: (() => void)[] = [];
  readonly #replaced = new WeakMap<object, Set<string>>();

  get isActive(): boolean {
    return this.#isActive;
  }

  /** Replaces a method that `owner` itself has, once. `wrap` gets the original. */
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
    const inForce = (): boolean => this.#isActive;
    return function (this: unknown, ...args) {
      return inForce() ? replacement.apply(this, args) : original.apply(this, args);
    };
  }

  #markReplaced(owner: object, name: string): void {
    const names = this.#replaced.get(owner) ?? new Set();
    this.#replaced.set(owner, names.add(name));
  }
}
