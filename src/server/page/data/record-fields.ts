import type { ListedRecord } from '../../model/stored-record.js';

/** A record with its properties: all of a `StoredRecord`, or those that a `ListedRecord` has. */
interface WithProperties<P> {
  readonly properties: P;
}

export function numberProperty<P extends object>(
  record: WithProperties<P>,
  name: keyof P & string,
): number | undefined {
  const value = record.properties[name];
  return typeof value === 'number' ? value : undefined;
}

/** Returns a property that is a string and not empty. */
export function textProperty<P extends object>(
  record: WithProperties<P>,
  name: keyof P & string,
): string | undefined {
  const value = record.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns `total_tokens`, or the sum of input and output tokens; `undefined` when neither is known. */
export function totalTokens(record: ListedRecord): number | undefined {
  const [input, output] = [numberProperty(record, 'input_tokens'), numberProperty(record, 'output_tokens')];
  const sum = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  return numberProperty(record, 'total_tokens') ?? sum;
}
