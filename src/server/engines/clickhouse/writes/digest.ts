import { createHash } from 'node:crypto';

/** Characters: 128 bits, so that no two texts share one. */
const LENGTH = 32;

/** Returns a text that stands for another in statements that mask rows. ClickHouse keeps these on its disk, also when the rows are gone. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH).toUpperCase();
}

/** Returns the SQL of {@link digestOf} of an expression. */
export function digestSql(expression: string): string {
  return `substring(hex(SHA256(${expression})), 1, ${LENGTH})`;
}
