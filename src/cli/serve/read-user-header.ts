import { TrustedProxies } from '../../server/security/trusted-proxies.js';
import type { UserHeader } from '../../server/team/reading-access.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import type { Arguments } from '../options/read-arguments.js';

/** Reads the header in which a proxy names the user, and the rights of users. @throws CommandError */
export function readUserHeader(given: Arguments): UserHeader | undefined {
  const name = given.text('user-header');
  const ranges = given.list('trusted-proxy');
  const [deleters, editors] = [given.list('may-delete'), given.list('may-edit')];
  const textReaders = given.list('may-read');
  if (name === undefined) {
    if (ranges.length > 0)
      throw new CommandError(
        '--trusted-proxy needs --user-header, the header in which the proxy names the user',
        2,
      );
    if (textReaders.length > 0) throw new CommandError('--may-read names users of --user-header', 2);
    if (deleters.length > 0) throw new CommandError('--may-delete names users of --user-header', 2);
    if (editors.length > 0) throw new CommandError('--may-edit names users of --user-header', 2);
    return undefined;
  }
  if (!/^[\w-]+$/.test(name))
    throw new CommandError(
      `${given.source('user-header')} must be the name of a header, for instance x-forwarded-user`,
      2,
    );
  if (ranges.length === 0)
    throw new CommandError(
      '--user-header needs --trusted-proxy RANGE,… with the addresses of the proxy: anybody else could send that header',
      2,
    );
  checkEditors(editors, textReaders);
  try {
    const proxies = new TrustedProxies(ranges);
    return { name, proxies, deleters, editors, ...(textReaders.length > 0 && { textReaders }) };
  } catch (error) {
    throw new CommandError(`${given.source('trusted-proxy')}: ${firstSentence(error) ?? ''}`, 2);
  }
}

/** Refuses editors without the right to read texts: filters of segments can reveal texts. @throws CommandError */
function checkEditors(editors: readonly string[], textReaders: readonly string[]): void {
  const blind = textReaders.length === 0 ? undefined : editors.find((user) => !textReaders.includes(user));
  if (blind !== undefined)
    throw new CommandError(`--may-edit names ${blind}, whom --may-read leaves out: who edits has to read`, 2);
}
