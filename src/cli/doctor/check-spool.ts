import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { asText, codeOf } from '../../common/unknown-values.js';
import { checkDirectory } from '../../node/spool/safe-files.js';
import { type Finding, ok, problem } from './finding.js';
import type { Project } from './project.js';

/** A directory that is written as a text. Others are known only when the application runs. */
const SPOOL = /\bfileSpool\(\s*\{[^}]*?\bdir\s*:\s*(['"`])([^'"`$]+)\1/g;

/** Checks the directories of spools: those in the sources, and the one that was named. Changes nothing. */
export async function checkSpools(project: Project, named: string | undefined): Promise<Finding[]> {
  const inCode = project.sources.flatMap(({ code }) =>
    [...code.matchAll(SPOOL)].map(([, , dir = '']) => dir),
  );
  const directories = new Set([...(named === undefined ? [] : [named]), ...inCode]);
  return Promise.all([...directories].map((dir) => checkSpool(resolve(project.folder, dir))));
}

async function checkSpool(dir: string): Promise<Finding> {
  const advice = `Let it belong to the user that runs the application, and be written by nobody else: chown, chmod 700 ${dir}`;
  if (!existsSync(dir)) return checkMissing(dir);
  try {
    await checkDirectory(dir, true);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('spool', `the spool ${dir} can be written`);
  } catch (error) {
    const code = asText(codeOf(error));
    const message =
      code === undefined ? (error as Error).message : `${dir} cannot be read and written (${code})`;
    return problem('spool', `the spool: ${message}`, advice);
  }
}

/** The spool makes its directory. That needs a directory above it that can be written. */
function checkMissing(dir: string): Finding {
  let above = dirname(dir);
  while (!existsSync(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return ok('spool', `the spool ${dir} will be made`);
  } catch {
    return problem('spool', `the spool ${dir} cannot be made in ${above}`, `Make it: mkdir -p -m 700 ${dir}`);
  }
}
