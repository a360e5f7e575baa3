import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { variableOf, type OptionSpec } from '../../src/common/options/define-options.js';
import { OPTIONS } from '../../src/config/options.js';

/** Returns the table of options in `docs/options.md`, generated from the options table and the doc comments beside it. */
export function optionsTable(): string {
  const meanings = readMeanings();
  const rows = Object.entries<OptionSpec>(OPTIONS).map(([name, spec]) => {
    const variable = variableOf(name, spec);
    const environment = variable === undefined ? '' : `\`${variable}\``;
    return `| \`${name}\` | ${environment} | ${showDefault(spec.default)} | ${spec.accepts} | ${meanings.get(name) ?? ''} |`;
  });
  return [
    '| option | environment | default | accepts | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function showDefault(value: OptionSpec['default']): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** Returns the doc comments of `TrubricsOptions` by name, without the parts that other columns show. */
function readMeanings(): ReadonlyMap<string, string> {
  const source = readFileSync(fileURLToPath(new URL('../../src/config/options.ts', import.meta.url)), 'utf8');
  const body = source.slice(
    source.indexOf('export interface TrubricsOptions'),
    source.indexOf('/** Options with every default'),
  );
  const comments = body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)\?:/g);
  return new Map([...comments].map(([, comment = '', name = '']) => [name, toSentence(comment)]));
}

function toSentence(comment: string): string {
  const text = comment.replaceAll(/\s*\n\s*\*/g, ' ').replaceAll(/\s+/g, ' ');
  return text
    .replaceAll(/(?:Environment|Default): (?:`[^`]*`|[^.`])*(?:\.|$)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
