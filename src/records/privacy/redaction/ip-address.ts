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
