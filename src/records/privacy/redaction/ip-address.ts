/** Addresses of networks: IPv4, IPv6, and those of network cards. */
import { once } from '../../../common/collections/once.js';
import { acceptUnlessReference, type Finder } from './finder.js';

export const addresses = /* @__PURE__ */ once((): readonly Finder[] => [
  { kind: 'ip', pattern: /(?<![\w:-])(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:-])/gi },
  // f018.98b2.7ce4
  {
    kind: 'ip',
    pattern:
      /(?<![\w.:-])(?=[\d.]{0,13}[a-f])(?=[a-f.]{0,13}\d)[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}(?![\w.:-])/gi,
  },
  {
    kind: 'ip',
    pattern: /(?<![\w:.])(?=[\da-f]{0,4}:)[\da-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)/gi,
    accept: (candidate) => (isPersonalIpv6(candidate) ? candidate.length : 0),
  },
  { kind: 'ip', pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g, accept: acceptIpv4 },
  // 203[.]0[.]113[.]7, ip-10-0-12-34
  { kind: 'ip', pattern: /(?<![\w.])\d{1,3}(?:\[\.\]\d{1,3}){3}(?!\w)/g },
  { kind: 'ip', pattern: /(?<=\b(?:ip|ec2)-)\d{1,3}(?:-\d{1,3}){3}(?![\w-])/g },
]);

/** An address of this machine, or of a group of machines, identifies nobody. */
function isPersonalIpv6(candidate: string): boolean {
  return candidate !== '::1' && !/^ff0[\da-f]:/i.test(candidate) && isIpv6(candidate);
}

/**
 * An address with octets of one digit each is more likely a version; 0.x and 255.x are masks, 127.x is this machine, `10.0.0.0/8` is a
 * network.
 */
function acceptIpv4(candidate: string, before: string, after: string): number {
  if (!isIpv4(candidate) || /^(?:\d\.){3}\d$|^(?:0|127|255)\./.test(candidate)) return 0;
  if (candidate.endsWith('.0') && /^\/\d/.test(after)) return 0;
  return before.endsWith('=') ? candidate.length : acceptUnlessReference(candidate, before, after);
}

/** Returns whether a text of hexadecimal digits and colons is an IPv6 address. It may end with an IPv4 address. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  // Neither `::` nor a name like `Bad::Cafe` identifies anybody, so a digit is required.
  if (halves.length > 2 || !/\d/.test(text)) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const count = groups.length + (last.includes('.') ? 1 : 0);
  const areGroups = groups.every(
    (group, at) => /^[0-9a-f]{1,4}$/i.test(group) || (at === groups.length - 1 && isIpv4(group)),
  );
  return areGroups && (halves.length === 2 ? count < 8 : count === 8);
}

/** Returns whether a text is four numbers from 0 to 255, separated by dots. */
export function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
}
