/** Returns the `$event_id` of items in the wire format of the ingestion API. */
export function idsOf(items: readonly Record<string, unknown>[]): string[] {
  return items.map(({ properties }) => (properties as { $event_id: string }).$event_id);
}
