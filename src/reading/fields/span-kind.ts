import type { SpanAttributes } from '../model/attributes.js';
import type { SpanRole } from '../model/dialect.js';

/**
 * Makes a function that returns the role of a span from one attribute with its kind, in any case. `roles` has the kinds in lower case;
 * other kinds are `other`. `undefined`: the span has no kind.
 */
export function roleByKind(
  key: string,
  roles: Readonly<Record<string, SpanRole>>,
): (attributes: SpanAttributes) => SpanRole | undefined {
  const roleOfKind = new Map(Object.entries(roles));
  return (attributes) => {
    const kind = attributes[key];
    if (typeof kind !== 'string' || kind === '') return undefined;
    return roleOfKind.get(kind.toLowerCase()) ?? 'other';
  };
}
