import { parseArgs, type ParseArgsConfig } from 'node:util';
import { environmentVariable, type Environment } from '../../common/options/environment.js';
import { parseFlag } from '../../common/options/option-kinds.js';
import { CommandError } from '../command-error.js';
import { parsedBy } from './parsed-by.js';

/** One option of a command: its name is the key in the table. */
export interface ArgumentSpec {
  readonly type: 'string' | 'boolean';
  /** May be repeated; several values of one are separated by commas. */
  readonly multiple?: true;
  readonly short?: string;
  /** Environment variable that is read if the option is not given. */
  readonly env?: string;
}

/** Values of the options that were given, on the command line or in the environment. */
export interface Arguments {
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** The values of an option that may be repeated, without blanks. */
  list(name: string): readonly string[];
  /** Name of the option or of the variable that a value came from, for messages. */
  source(name: string): string;
}

/**
 * Reads options. An option on the command line wins over its variable; a blank variable counts as unset.
 *
 * @throws CommandError for an unknown option, and for an option that is empty
 */
export function readArguments(
  args: readonly string[],
  specs: Readonly<Record<string, ArgumentSpec>>,
  environment: Environment,
): Arguments {
  const given = parse(args, specs);
  const valuesOf = (name: string): readonly (string | boolean)[] => {
    const value = given[name];
    if (value !== undefined) return Array.isArray(value) ? value : [value];
    const { env } = specs[name] ?? {};
    const fromEnvironment = env === undefined ? undefined : environmentVariable(env, environment);
    return fromEnvironment === undefined ? [] : [fromEnvironment];
  };
  for (const name of Object.keys(specs))
    if (valuesOf(name).includes('')) throw new CommandError(`--${name} must not be empty`, 2);
  return {
    text: (name) => valuesOf(name).map(String).at(-1),
    flag: (name) => valuesOf(name).some(isTrue),
    list: (name) =>
      valuesOf(name)
        .flatMap((value) => String(value).split(','))
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    source: (name) => (given[name] === undefined ? (specs[name]?.env ?? `--${name}`) : `--${name}`),
  };
}

/** Reads a switch, which is true as an option and a text as a variable. */
function isTrue(value: string | boolean): boolean {
  return parseFlag(String(value)) === true;
}

function parse(
  args: readonly string[],
  specs: Readonly<Record<string, ArgumentSpec>>,
): Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>> {
  const options: ParseArgsConfig['options'] = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple && { multiple }), ...(short !== undefined && { short }) },
    ]),
  );
  return parsedBy(() => parseArgs({ args: [...args], options, allowPositionals: false }).values);
}
