import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesWithState } from './files-with-state.mjs';

/**
 * Reads the faults in `test/mutants/*.mjs` whose source path contains one of `parts`; without parts, all. Returns a problem for each
 * fault that is not true any more: its snippet does not occur exactly once, or a test is missing. Also for each file that holds state and
 * has neither faults nor, in `without-faults.mjs`, a reason.
 */
export async function readFaults(root, parts) {
  const folder = join(root, 'test/mutants');
  const faults = [];
  const problems = [];
  const known = new Set();
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.mjs'))
    .toSorted()) {
    const { mutants, withoutFaults = {} } = await import(pathToFileURL(join(folder, name)));
    for (const file of [...Object.keys(mutants), ...Object.keys(withoutFaults)]) known.add(file);
    for (const file of Object.keys(withoutFaults))
      if (!existsSync(join(root, file))) problems.push(`${name}: ${file} does not exist.`);
    for (const [file, { tests, faults: list }] of Object.entries(mutants)) {
      if (parts.length > 0 && !parts.some((part) => file.includes(part))) continue;
      const missing = [file, ...tests].filter((path) => !existsSync(join(root, path)));
      for (const path of missing) problems.push(`${name}: ${path} does not exist.`);
      if (missing.length > 0) continue;
      const source = readFileSync(join(root, file), 'utf8');
      for (const fault of list) {
        const planted = plant(source, fault);
        if (planted.problem) problems.push(`${name}: ${file}: ${planted.problem}`);
        else faults.push({ file, tests, source, ...planted });
      }
    }
  }
  for (const file of filesWithState(root).filter((each) => !known.has(each)))
    problems.push(
      `${file} holds state and has no faults. Plant some, or add it to without-faults.mjs with the reason.`,
    );
  return { faults, problems };
}

/** Replaces the one place where the snippet occurs. Line breaks and indentation are no part of a snippet. */
function plant(source, [find, replacement, reason]) {
  const pattern = find
    .trim()
    .split(/\s+/)
    .map(escape)
    .join(String.raw`\s+`);
  const places = [...source.matchAll(new RegExp(pattern, 'g'))];
  const [place] = places;
  if (!place || places.length > 1) return { problem: `"${find}" occurs ${places.length} times, not once.` };
  const end = place.index + place[0].length;
  const mutated = source.slice(0, place.index) + replacement + source.slice(end);
  return mutated === source
    ? { problem: `"${find}" is replaced by itself.` }
    : { find, replacement, reason, mutated };
}

function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
