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
  #inForce = true;
  readonly #restorers: (() => void)[] = [];
  readonly #replaced = new WeakMap<object, Set<string>>();

  get inForce(): boolean {
    return this.#inForce;
  }

  /** Replaces a method that `owner` itself has, once. `wrap` gets the original. */
  replace(owner: object, name: string, wrap: (original: Method) => Method): void {
    if (!this.#inForce || this.#replaced.get(owner)?.has(name)) return;
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = descriptor?.value;
    if (!descriptor || typeof original !== 'function' || !descriptor.configurable) return;
    const patched = this.#withOriginal(original as Method, wrap(original as Method));
    Object.defineProperty(owner, name, { ...descriptor, value: patched });
    this.#remember(owner, name);
    this.#restorers.push(() => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.value !== patched) return;
      Object.defineProperty(owner, name, descriptor);
    });
  }

  undo(): void {
    this.#inForce = false;
    for (const restore of this.#restorers.splice(0)) guard('LangChain undo', restore);
  }

  #withOriginal(original: Method, replacement: Method): Method {
    const inForce = (): boolean => this.#inForce;
    return function (this: unknown, ...args) {
      return inForce() ? replacement.apply(this, args) : original.apply(this, args);
    };
  }

  #remember(owner: object, name: string): void {
    const names = this.#replaced.get(owner) ?? new Set();
    this.#replaced.set(owner, names.add(name));
  }
}
