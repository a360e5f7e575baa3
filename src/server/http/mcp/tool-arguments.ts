import type { UnknownRecord } from '../../../common/unknown-values.js';
import { isQueryParameter } from '../../query/parse-query.js';
import { ToolError, type GivenArguments, type Tool, type ToolArguments } from './tool.js';

/** Arguments that choose records, in all tools. Their names are those of the filters of the JSON API. */
export const FILTER_ARGUMENTS = {
  since: {
    type: 'string',
    description: 'Begin: a day such as 2026-11-03, ISO 8601, or an age such as 24h or 7d',
  },
  until: { type: 'string', description: 'End: a day, which is included, ISO 8601, or an age' },
  user: { type: 'string', description: 'Id of one person' },
  model: { type: 'string', description: 'Name of one model' },
  tag: { type: 'string', description: 'One tag' },
  segment: { type: 'string', description: 'Name of a segment: a saved group of people' },
  filters: {
    type: 'string',
    description:
      'Further filters as URL parameters: thread, event, kind (prompt, event), error (true, false), prop.<name>, and not.<filter> to leave out, for instance prop.environment=production&not.user=ada',
  },
} as const satisfies ToolArguments;

export function limitArgument(what: string, fallback: number, maximum: number) {
  const description = `Number of ${what}, default ${fallback}`;
  return { type: 'integer', description, minimum: 1, maximum } as const;
}

/** Arguments that the JSON API takes as they are. */
const DIRECT = ['since', 'until', 'user', 'model', 'tag', 'segment'] as const;

/**
 * Checks the arguments of a call against those of the tool: models make some up.
 *
 * @throws ToolError that says what is accepted
 */
export function readArguments(tool: Tool, given: UnknownRecord): GivenArguments {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(tool.arguments, name));
  if (unknown !== undefined)
    throw new ToolError(
      `${tool.name} has no argument "${unknown.slice(0, 60)}"; it takes ${Object.keys(tool.arguments).join(', ')}`,
    );
  for (const [name, argument] of Object.entries(tool.arguments)) {
    const problem = problemOf(argument, given[name]);
    if (problem !== undefined) throw new ToolError(`${name} must be ${problem}`);
  }
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const missing = tool.required?.find((name) => text(name) === undefined);
  if (missing !== undefined) throw new ToolError(`${tool.name} needs the argument ${missing}`);
  return {
    text,
    count: (name, fallback) => (typeof given[name] === 'number' ? given[name] : fallback),
    filters: filtersOf(text),
  };
}

function problemOf(argument: ToolArguments[string], value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, enum: choices, minimum = -Infinity, maximum = Infinity } = argument;
  if (type === 'string') {
    if (typeof value !== 'string') return 'a text';
    return value === '' || !choices || choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  }
  const isInRange = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
  return isInRange ? undefined : `a whole number from ${minimum} to ${maximum}`;
}

/** @throws ToolError for a parameter that is no filter: ignored, it would show too much. */
function filtersOf(text: (name: string) => string | undefined): URLSearchParams {
  const filters = new URLSearchParams(text('filters') ?? '');
  for (const name of new Set(filters.keys()))
    if (!isQueryParameter(name)) throw new ToolError(`filters: "${name.slice(0, 60)}" is no filter`);
  for (const name of DIRECT) {
    const value = text(name);
    if (value !== undefined) filters.set(name, value);
  }
  return filters;
}
