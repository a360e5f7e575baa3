import { BlockList, isIP } from 'node:net';

/** Addresses of proxies whose headers are believed. */
export class TrustedProxies {
  readonly #list = new BlockList();
  /** True if every address of a family is trusted. */
  readonly includesAll: boolean;

  /** `ranges` are addresses, or ranges such as `10.0.0.0/8` and `fd00::/8`. @throws TypeError that names a wrong one */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#add(range);
    this.includesAll = ranges.some((range) => /\/0+\s*$/.test(range));
  }

  includes(address: string | undefined): boolean {
    if (address === undefined) return false;
    // A socket for IPv4 and IPv6 shows IPv4 addresses in this form.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }

  #add(range: string): void {
    const [address = '', bits, ...rest] = range.trim().split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const isBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (family === 0 || !isBits || rest.length > 0)
      throw new TypeError(`"${range}" is no address or range such as 10.0.0.0/8 or fd00::/8`);
    this.#list.addSubnet(address, bits === undefined ? most : Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  }
}
