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
