import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../src/common/options/environment.js';
import { readProject, type Project } from '../../../src/cli/doctor/project.js';
import { useFolder } from '../../support/use-folder.js';

/** A small application: files by their paths, and packages by the paths of their copies. */
export interface ProjectParts {
  readonly files?: Readonly<Record<string, string>>;
  /** `{ '@opentelemetry/api': '1.9.0', 'a/node_modules/@opentelemetry/api': '1.4.0' }` */
  readonly packages?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly environment?: Environment;
}

/** Packages of an application with which nothing is wrong. */
export const GOOD_PACKAGES = { 'opentelemetry-exporter-trubrics': '0.2.0', '@opentelemetry/api': '1.9.1' };

/** Writes an application into a temporary folder. */
export async function useProjectFolder({ files = {}, packages = GOOD_PACKAGES, scripts = {} }: ProjectParts) {
  const folder = await useFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', JSON.stringify({ name: 'shop', scripts }));
  for (const [path, text] of Object.entries(files)) write(path, text);
  for (const [path, version] of Object.entries(packages))
    write(`node_modules/${path}/package.json`, JSON.stringify({ version }));
  return folder;
}

/** Reads such an application as `doctor` does. */
export async function useProject(parts: ProjectParts): Promise<Project> {
  return readProject(await useProjectFolder(parts), parts.environment ?? {});
}
