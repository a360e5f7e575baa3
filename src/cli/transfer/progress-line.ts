const INTERVAL_MS = 250;

/** One line on the terminal that is written again and again. Writes nothing if the output is no terminal. */
export class ProgressLine {
  readonly #stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
  #shownMs = 0;
  #length = 0;

  constructor(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr) {
    this.#stream = stream;
  }

  /** Shows a line. Lines that come too fast are left out, unless they are `important`. */
  show(text: () => string, important = false): void {
    if (!this.#stream.isTTY) return;
    const nowMs = Date.now();
    if (!important && nowMs - this.#shownMs < INTERVAL_MS) return;
    this.#shownMs = nowMs;
    const line = text().slice(0, Math.max(20, (this.#stream.columns || 80) - 1));
    this.#stream.write(`\r${line.padEnd(this.#length)}`);
    this.#length = line.length;
  }

  /** Removes the line, so that others can be written. */
  clear(): void {
    if (this.#length > 0) this.#stream.write(`\r${' '.repeat(this.#length)}\r`);
    this.#length = 0;
  }
}

/** Returns a number with separators, as it is read by people: `12,345`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
