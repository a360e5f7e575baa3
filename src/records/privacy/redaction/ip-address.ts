/** Whether a text of hexadecimal digits and colons is an IPv6 address, possibly with an IPv4 one at its end. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  // `::` alone, or a word like `Bad::Cafe`, is no address that tells of anybody.
  if (halves.length > 2 || !/\d/.test(text)) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const count = groups.length + (last.includes('.') ? 1 : 0);
  const areGroups = groups.every(
    (group, at) => /^[0-9a-f]{1,4}$/i.test(group) || (at === groups.length - 1 && isIpv4(group)),
  );
  return areGroups && (halves.length === 2 ? count < 8 : count === 8);
}

/** Whether a text is four numbers from 0 to 255 with dots between. */
export function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
}
