import type { StoredRecord } from '../../model/stored-record.js';

export function numberProperty(record: StoredRecord, name: string): number | undefined {
  const value = record.properties[name];
  return typeof value === 'number' ? value : undefined;
}

/** Returns a property that is a string and not empty. */
export function textProperty(record: StoredRecord, name: string): string | undefined {
  const value = record.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns `total_tokens`, or the sum of input and output tokens; `undefined` when neither is known. */
export function totalTokens(record: StoredRecord): number | undefined {
  const [input, output] = [numberProperty(record, 'input_tokens'), numberProperty(record, 'output_tokens')];
  const sum = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  return numberProperty(record, 'total_tokens') ?? sum;
}
