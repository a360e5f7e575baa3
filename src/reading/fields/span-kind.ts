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

/** Attributes with the kind of a span: Alibaba's LoongSuite, Dify and Future AGI; AgentOps. */
export const KIND_ATTRIBUTES = ['gen_ai.span.kind', 'fi.span.kind', 'agentops.span.kind'] as const;

const KINDS = { llm: 'llm', agent: 'agent', tool: 'callBoundary' } as const;

const ROLE_READERS = KIND_ATTRIBUTES.map((key) => roleByKind(key, KINDS));

/** Returns the role of a span by the first of {@link KIND_ATTRIBUTES} that it has. */
export function roleOfAnyKind(attributes: SpanAttributes): SpanRole | undefined {
  for (const read of ROLE_READERS) {
    const role = read(attributes);
    if (role !== undefined) return role;
  }
  return undefined;
}
