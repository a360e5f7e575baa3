/** One entry of `detail` in the 422 answer of a FastAPI service. */
export interface ValidationError {
  /** pydantic's name of the kind of error, for instance `missing` or `string_type`. */
  readonly type: string;
  /** Where: `["body", 7, "generation"]` is the field of the eighth item. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** What was found there, shortened: an answer and a log must not carry whole prompts. */
  readonly input: unknown;
}

const MAX_TEXT = 40;

/** What is shown of a refused value: scalars as they are, texts cut, of an object its keys with the types of their values. */
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
