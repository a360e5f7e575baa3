/** One entry of `detail` in the 422 response of a FastAPI service. */
export interface ValidationError {
  /** Type of the error in pydantic, for instance `missing` or `string_type`. */
  readonly type: string;
  /** Path of the field: `["body", 7, "generation"]` is in the eighth item. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** The refused value, shortened: responses and logs must not carry whole prompts. */
  readonly input: unknown;
}

/** Characters of a refused text that are shown. */
const MAX_TEXT = 40;

/** Describes a refused value: scalars as they are, texts cut, objects as keys with the types of their values. */
export function describeInput(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 20)
      .map(([key, field]) => [describeInput(key), typeName(field)]),
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
