import { readFile, stat } from 'node:fs/promises';
import { asText, codeOf } from '../../../common/unknown-values.js';
import { OwnPrices, parseOwnPrices, PricesError } from './own-prices.js';

/** Interval in milliseconds between looks whether the file has changed. */
const CHECK_MS = 2_000;

export interface OwnPricesFileOptions {
  readonly path: string;
  /** Called once for each change of the file that cannot be read. The prices of before stay. */
  readonly onProblem?: ((problem: string) => void) | undefined;
  readonly now?: () => number;
}

/** A file of own prices, which is read again when it has changed. */
export class OwnPricesFile {
  readonly #options: OwnPricesFileOptions;
  #prices: OwnPrices | undefined;
  /** Time and size of the version that was read last, whether or not it was right. */
  #version = '';
  #checkedAt = -Infinity;
  #checking: Promise<void> | undefined;

  constructor(options: OwnPricesFileOptions) {
    this.#options = options;
  }

  /** Reads the file for the first time. @throws PricesError */
  async open(): Promise<void> {
    this.#checkedAt = this.#now();
    this.#version = await this.#versionOf();
    this.#prices = await this.#parse();
  }

  /** Returns the prices, at most two seconds behind the file. */
  async read(): Promise<OwnPrices> {
    if (this.#now() - this.#checkedAt >= CHECK_MS)
      this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    await this.#checking;
    return this.#prices ?? new OwnPrices([]);
  }

  async #check(): Promise<void> {
    this.#checkedAt = this.#now();
    try {
      const version = await this.#versionOf();
      if (version === this.#version) return;
      this.#version = version;
      this.#prices = await this.#parse();
    } catch (error) {
      if (!(error instanceof PricesError)) throw error;
      this.#options.onProblem?.(error.message);
    }
  }

  async #versionOf(): Promise<string> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#options.path);
      return `${mtimeMs} ${size} ${ino}`;
    } catch (error) {
      const version = `missing ${asText(codeOf(error)) ?? ''}`;
      if (version === this.#version) return version;
      this.#version = version;
      throw this.#unreadable(error);
    }
  }

  async #parse(): Promise<OwnPrices> {
    let text: string;
    try {
      text = await readFile(this.#options.path, 'utf8');
    } catch (error) {
      throw this.#unreadable(error);
    }
    try {
      return parseOwnPrices(text);
    } catch (error) {
      throw new PricesError(`The file of prices ${this.#options.path} ${(error as Error).message}`);
    }
  }

  #unreadable(error: unknown): PricesError {
    return new PricesError(
      `Cannot read the file of prices ${this.#options.path} (${asText(codeOf(error)) ?? 'unknown'})`,
    );
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
