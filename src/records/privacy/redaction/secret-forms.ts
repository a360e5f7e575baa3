/** Secrets that have a form of their own: keys by the prefix of their issuer, tokens, credentials in URLs, random texts. */
import { once } from '../../../common/collections/once.js';
import { hasMixedCase, isRandom, switchesOf } from './checks/random-token.js';
import type { Finder } from './finder.js';
import { anyOf } from './names/any-of.js';
import { KEY_PREFIXES, WORD_PREFIXES } from './names/key-prefixes.js';

const KEY_BODY = String.raw`[\w.~-][\w.~+/-]{11,600}={0,2}(?:_[\w+/]{20,60})?`;

/** Returns forms of keys, each with a text that every one of them contains. */
const forms = (): Readonly<Record<string, RegExp>> => ({
  // Telegram, Firebase, Microsoft Entra, Mailchimp, Terraform Cloud, OpenShift, Okta, 1Password, MaxMind, New Relic.
  ':AA': /(?<![A-Za-z\d-])\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  ':APA91b': /(?<![\w-])[\w-]{11,22}:APA91b[\w-]{30,200}/g,
  'Q~': /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g,
  '-us': /(?<!\w)[\da-f]{32}-us\d{1,2}(?!\w)/g,
  '.atlasv1.': /(?<!\w)[A-Za-z\d]{14}\.atlasv1\.[\w-]{60,70}/g,
  'sha256~': /sha256~[\w-]{43}/g,
  'SSWS ': /SSWS \w[\w-]{30,60}/g,
  'A3-': /(?<!\w)A3-[A-Z\d]{6}-(?:[A-Z\d]{5,6}-?){3,5}/g,
  _mmk: /(?<!\w)[A-Za-z\d]{6}_[A-Za-z\d]{29}_mmk/g,
  NRAL: /(?<!\w)[\da-f]{30,40}NRAL/g,
  // Airtable, PayPal, Asana, Twitter, Facebook, Amazon, Docker Swarm, bcrypt as base64, Yandex, Riot, Dropbox, Discord, Harness, Vault.
  pat: /(?<!\w)pat[A-Za-z\d]{14}\.[\da-f]{64}/g,
  key: /(?<!\w)key[A-Za-z\d]{14}(?!\w)(?<=\d\w{0,14})(?<=[A-Z]\w{0,14})/g,
  re_: /(?<!\w)re_[A-Za-z\d]{6,10}_[A-Za-z\d]{20,40}/g,
  access_token$: /access_token\$\w{4,12}\$[A-Za-z\d]{16}\$[\da-f]{32}/g,
  '/': /(?<![\w/])\d\/\d{12,20}(?:\/\d{12,20})?:[\da-f]{32}/g,
  AAAAAAAAAA: /(?<!\w)A{15,30}[\w%]{40,120}/g,
  '|': /(?<!\w)(?:\d{15,16}\|[\w-]{27,40}|Atza\|[\w-]{40,500}|\d{1,6}\|[A-Za-z\d]{40,60})(?!\w)/g,
  amzn: /amzn1\.(?:application-oa2-client|oa2-cs)\.[\w.]{30,100}|amzn\.mws\.[\da-f-]{36}/g,
  'SWMTKN-1-': /SWMTKN-1-[\w-]{40,100}/g,
  '::server:': /K[A-Za-z\d]{10,70}::server:[\da-f]{16,64}/g,
  JDJ: /(?<!\w)JDJ[5h][\w+/=]{40,100}/g,
  y0_: /(?<!\w)y0_[\w-]{40,80}/g,
  AQVN: /(?<!\w)AQVN[\w-]{35,38}/g,
  't1.': /(?<!\w)t1\.[\w-]{30,300}\.[\w-]{50,100}/g,
  'RGAPI-': /RGAPI-[\da-f-]{36}/g,
  'sl.': /(?<![\w.])sl\.[\w-]{60,2000}/g,
  'at.': /(?<![\w.])(?:pat|sat)\.[\w-]{22}\.[A-Za-z\d]{24}\.[A-Za-z\d]{20}/g,
  's.': /(?<![\w.])s\.(?=[A-Za-z]{0,24}\d)[A-Za-z\d]{24}(?!\w)/g,
  '.': /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}/g,
  'mfa.': /mfa\.[\w-]{80,90}/g,
  hf_: /(?<!\w)hf_[A-Za-z]{34}(?!\w)/g,
  cio: /(?<!\w)cio[A-Za-z\d]{32}(?!\w)/g,
  AQE: /(?<!\w)AQE[\w+/]{40,80}-[\w+/=]{40,60}-[A-Za-z\d]{10,20}/g,
  'u+': /(?<!\w)u\+[\w+/=-]{16,60}/g,
  ':fx': /(?<!\w)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=:fx)/g,
  K00: /(?<!\w)K00[A-Za-z\d/+]{27,28}(?!\w)/g,
  ':': /(?<![\w.])[A-Za-z\d]{6}\.[A-Za-z\d]{6}:[\w-]{43}(?!\w)/g,
  xprv: /xprv[1-9A-HJ-NP-Za-km-z]{100,112}/g,
  nsec1: /nsec1[a-z\d]{58}/g,
  // The password of a URL, and a key that is its user (Sentry).
  '://':
    /(?<=:\/\/[^\s/:@]{0,100}:)[^\s/]{1,200}(?=@)|(?<=:\/\/[^\s/:@"']{0,100}:)(?=[^\s@"'/]{0,100}[#?][^\s@"']{0,100}@)[^\s@"']{1,200}(?=@[\w.-]{1,100})|(?<=:\/\/)(?:[\da-f]{32}|(?=[\w-]{0,80}\d)[\w-]{20,100})(?=:?@)/g,
  'sig=': /(?<=[?&]sig=)[\w%+/-]{20,200}/g,
  // Hashes of passwords: crypt, bcrypt, Argon2, LDAP, Django, NTLM.
  $: /\$(?:apr1|1|2[abxy]|5|6|y|7|argon2(?:id|i|d)|pbkdf2[\w-]{0,12}|scrypt|sha1|md5|gy)\$[\w./$=,+-]{20,300}|(?<![\w$])(?:pbkdf2_sha(?:1|256|512)|bcrypt_sha256|argon2|scrypt):?\$?\d{0,8}\$[\w./$=,+-]{20,200}/g,
  '{': /\{(?:S?SHA\d{0,3}|CRYPT|S?MD5|PBKDF2[\w-]{0,12})\}[\w./$=+]{16,200}/gi,
  ':::': /(?<![\w:])[\da-f]{32}:[\da-f]{32}(?=:::)/gi,
  asic: /(?<=\b[Bb]asic\s{1,3})(?=[A-Za-z\d+/]{0,40}[a-z][A-Z])[A-Za-z\d+/]{12,4000}={0,2}/g,
  'PuTTY-User-Key-File':
    /(?<=PuTTY-User-Key-File-\d: [^]{0,2000}Private-Lines: \d{1,3}\s)[A-Za-z\d+/=\s]{40,4000}/g,
});

export const secretForms = /* @__PURE__ */ once((): readonly Finder[] => [
  {
    kind: 'secret',
    needs: '-----BEGIN',
    pattern:
      /-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}(?:-----END [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
  },
  // JSON Web Tokens.
  {
    kind: 'secret',
    needs: 'eyJ',
    pattern: /(?<![\w-])eyJ[\w-]{8,20000}\.[\w-]{8,20000}(?:\.[\w-]{0,20000}){0,3}/g,
  },
  {
    kind: 'secret',
    pattern: new RegExp(String.raw`(?<![A-Za-z\d]|[\w-](?<!_))(?:${anyOf(...KEY_PREFIXES)})${KEY_BODY}`, 'g'),
    accept: (candidate) => (hasKeyBody(candidate) ? candidate.length : 0),
  },
  // Prefixes that are words too need one run of letters and digits.
  {
    kind: 'secret',
    pattern: new RegExp(
      String.raw`(?<![\w-])(?:${anyOf(WORD_PREFIXES)})(?:(?:live|test|prod|v\d|key|pat)[_-])?(?=[A-Za-z]{0,60}\d)(?=\d{0,60}[A-Za-z])[A-Za-z\d]{16,500}[\w.-]{0,200}`,
      'g',
    ),
    accept: (candidate) => (switchesOf(candidate) >= 2 ? candidate.length : 0),
  },
  // Other issuers whose prefix says that it is a key: `acme_live_…`, `acme_pat_…`.
  {
    kind: 'secret',
    pattern:
      /(?<![\w-])[A-Za-z]{2,12}[_-](?:[a-z]{2,8}[_-])?(?:pat|tkn|key|token|secret|live|test|prod|api|sk|auth|oauth|at|rt)[-_](?:\w{2,12}[-_.]){0,2}?(?=[A-Za-z]{0,60}\d)(?=\d{0,60}[A-Za-z])[A-Za-z\d]{16,500}(?:[-_.][\w.-]{0,100})?(?![\w])/g,
    accept: (candidate) => (switchesOf(candidate) >= 2 ? candidate.length : 0),
  },
  ...[
    // Slack, SendGrid, Langfuse, HubSpot, LaunchDarkly, whose keys have short parts.
    /(?<![\w-])(?:xox[abceoprs]-|xapp-|SG\.|[sp]k-lf-|pat-(?:na|eu|ap)\d-|(?:sdk|mob|api)-(?=[\da-f]{8}-))(?=[\w.-]{0,100}\d)[\w.-]{12,500}/g,
    // AWS, Google, Databricks, Facebook, Atlassian, Mailgun, Twilio, Alibaba, EasyPost, Square, age, Tencent, Volcengine.
    /(?<![A-Za-z\d-])(?:A(?:[KS]I|BI|CC|3T)[A-Z\d][0-9A-Z]{16}|AIza[\w-]{30,60}|AQ\.[\w-]{40,80}|GOCSPX-[\w-]{20,60}|GOOG[\w]{20,60}|ya29\.[\w-]{10,2000}|1\/\/0[\w-]{12,500}|4\/0A[\w-]{20,200}|dapi[0-9a-f]{32}(?:-\d)?|EAA[A-Za-z0-9]{60,500}|ATATT3[\w=-]{20,300}|ATCTT3[\w=-]{20,300}|ATBB[A-Za-z\d]{20,60}|ATOA[\w-]{20,100}|key-[0-9a-f]{32}|(?:AC|SK|AP|CR|RK)[0-9a-f]{32}|LTAI[A-Za-z0-9]{16,24}|AKLT[\w=]{30,80}|AKID[A-Za-z\d]{32}|EZ[AT]K[A-Za-z0-9]{54}|EAAA[\w-]{40,70}|AGE-SECRET-KEY-1[A-Z\d]{50,60}|ABSK[A-Za-z\d+/]{60,300}={0,2}|AKCp[A-Za-z\d]{40,100}|cmVmd[A-Za-z\d]{40,70}|bedrock-api-key-[\w=+/]{20,400}|IQoJb3JpZ2lu[\w+/=]{20,2000}|Fwo[GE]ZXIvYXdz[\w+/=]{20,2000}|4b1d[A-Za-z\d]{38}|oy2[a-z\d]{43}|GR1348941[\w-]{20}|PRIV_[\w+/=]{30,200})(?![\w-])={0,2}/g,
    /(?<![\w-])(?:Bearer|Basic|Token|ApiKey|Negotiate|NTLM|SharedAccessSignature)\s{1,3}(?=[\w.~+/%-]{0,100}(?:\d|={1,2}(?!\w)))(?=[\w.~+/%-]{0,100}[a-zA-Z])[\w.~+/%:-]{12,4000}={0,2}/gi,
  ].map((pattern): Finder => ({ kind: 'secret', pattern })),
  ...Object.entries(forms()).map(([needs, pattern]): Finder => ({ kind: 'secret', needs, pattern })),
  // Any random text.
  {
    kind: 'secret',
    pattern: /(?<![\w+/=.~%@#-])[A-Za-z\d][\w+/-]{31,199}={0,2}(?![\w+/=.-])/g,
    accept: acceptRandom,
  },
  {
    kind: 'secret',
    needs: '=',
    pattern:
      /(?<=(?<![?&][\w.-]{1,40})=["']?)(?=[A-Za-z]{0,60}\d)[A-Za-z\d][\w+/-]{31,199}={0,2}(?![\w+/=.-])/g,
    accept: acceptRandom,
  },
]);

/** Words in front of random texts that are public: hashes, keys of servers, certificates. */
const PUBLIC_BEFORE =
  /(?:sha-?\d*|md5|digest|integrity|checksum|hash|etag|h1|fingerprint|base64|nonce|certificate|public|ssh-(?:rsa|ed25519)|nistp\d+|commit|cid|cidv1|ipfs|address|tx|txid|transaction)\W{0,4}$|(?:https?|s3|gs|ftp):\/\/\S*$/i;

function acceptRandom(candidate: string, before: string): number {
  return isRandom(candidate) && !PUBLIC_BEFORE.test(before) ? candidate.length : 0;
}

/** Returns whether a key has letters and digits mixed, so that it is no identifier or name of a file. */
function hasKeyBody(candidate: string): boolean {
  const switches = switchesOf(candidate);
  return switches >= 2 || (switches === 1 && /[A-Za-z\d]{16}/.test(candidate)) || hasMixedCase(candidate);
}
