/** Tests of texts that may be keys or passwords, by how letters and digits are mixed. */

/** Returns how often a letter and a digit are next to each other. */
export function switchesOf(token: string): number {
  let switches = 0;
  let before = 0;
  for (let at = 0; at < token.length; at += 1) {
    const kind = kindOf(token.charCodeAt(at));
    if (before + kind === LETTER + DIGIT && before !== 0 && kind !== 0) switches += 1;
    before = kind;
  }
  return switches;
}

const DIGIT = 1;
const LETTER = 2;

function kindOf(code: number): number {
  if (code >= 48 && code <= 57) return DIGIT;
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? LETTER : 0;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Returns whether a text has letters and digits as mixed as a key has: not a UUID, a path, a version or words with a number. */
export function isMixed(token: string): boolean {
  if (UUID.test(token) || /^(?:v?\d+(?:\.\d+)+|\d{4}-\d\d-\d\dT)/i.test(token)) return false;
  return switchesOf(token) >= Math.max(2, token.length / 16);
}

/** Identifiers of providers that are as random as keys, and are not secret. */
const PUBLIC_ID =
  /^(?:sha\d{1,3}|md5|chatcmpl|cmpl|msg|run|thread|toolu|call|resp|req|evt|event|cus|pi|ch|in|sub|prod|price|file|asst|step|batch|gen|fc|rs|org|proj|user|usr|acct|txn|order|sess|conv|item|img|img|vs|ft|ftjob|G|UA|GTM|pk_test|price|cs|seti|pm|card|src|in|il|si|po|re|tr|evt|we|id)[-_]/;

/**
 * Returns whether a text is random: at least 32 characters in which capitals, small letters and digits change as often as in base64.
 * Identifiers in camel case change less often.
 */
export function isRandom(token: string): boolean {
  if (token.length < 32 || PUBLIC_ID.test(token)) return false;
  const hasAll = /[A-Z]/.test(token) && /[a-z]/.test(token) && /\d/.test(token);
  return hasAll && changesOf(token) >= token.length * 0.4 && switchesOf(token) >= 4;
}

function isChange(before: number, after: number): boolean {
  return before !== after && before !== 0 && after !== 0;
}

/** Returns whether a text without digits is random: capitals and small letters change often, and not as in camel case. */
export function hasMixedCase(token: string): boolean {
  return (
    token.length >= 20 &&
    /[A-Z]{2}/.test(token) &&
    !/[a-z]{9}/.test(token) &&
    changesOf(token) >= token.length * 0.3
  );
}

function changesOf(token: string): number {
  let changes = 0;
  for (let at = 1; at < token.length; at += 1)
    if (isChange(classOf(token.charCodeAt(at - 1)), classOf(token.charCodeAt(at)))) changes += 1;
  return changes;
}

function classOf(code: number): number {
  if (code >= 48 && code <= 57) return 1;
  if (code >= 65 && code <= 90) return 2;
  return code >= 97 && code <= 122 ? 3 : 0;
}

/** Names of algorithms, formats, products and quantities that consist of letters and digits. */
const KNOWN =
  /^(?:v?\d[\d.,:/_-]*|(?:sha|md|rsa|aes|des|oauth|argon|pbkdf|bcrypt|scrypt|k|base|utf|ipv|wpa|http|https|tls|ssl|win|windows|office|rfc|iso|nist|sp|ps|py|python|php|node|java|es|h|s|ec|ed|x|p|vs|web|web_|log|mysql|postgres|pg|redis|ios|android|ubuntu|debian|iphone|ipad|gpt|claude|llama|cve|owasp|owasp-|top|id|line|page|step|field|option|method|case|part|chapter|section|rule|level|tab|test|server|user|host|node|db|version|release|build|type|table|figure|room|port|error|err|code|hmac|hs|rs|otp|mfa|u|fido|i18n|l10n|a11y|k8s|x509|m365|o365|ms-|azure|cn|q|fy|kb|ora-|ora|log4j|oauth2?_?|grpc|http_|utf_|sha_|sha-|aes-)-?\d{1,5}(?:[.-]\d{1,5}){0,3}[a-z]{0,2}|\d+[-–]?(?:st|nd|rd|th|h|hr|hrs|min|mins|s|sec|ms|d|day|days|week|weeks|month|months|year|years|digit|digits|char|chars|character|characters|bit|bits|byte|bytes|kb|mb|gb|tb|px|x|fa|factor|times|password|er|stellige[rsn]?|k|m|am|pm|uhr|€|eur|usd|%|e|ème|º|ª|a|o|word|words|letter|letters|step|key|keys|tage[n]?|stellig|zeichen|ya|го|й|х)|\d+(?:x|×)\d+\w?|i18n|l10n|k8s|x509|x86_64|arm64|amd64|1password|2fa|mp[34]|utf8mb4|log4j2?|s3|ec2|h264|o365|m365|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\dt?[\d:.z+-]*|sha\d+\w*|md5\w*|[a-z]+\d[a-z]*=\S*)$/i;

/** Returns whether a text looks like a password: letters with digits or symbols among them, and no known term, address or code. */
export function looksLikePassword(text: string): boolean {
  if (text.length < 5 || text.length > 80) return false;
  if (KNOWN.test(text) || UUID.test(text)) return false;
  if (
    /:\/\/|^[/\\.~$<%@-]|^www\.|[()[\]{}<>]|^\w+@[\w-]+\.\w+$|^\*+|\.(?:com|org|net|py|js|ts|json|ya?ml|md|txt|exe|sh|env|html?|php|java|go|rs|conf|ini|xml|sql|log|csv|pdf|zip)$/i.test(
      text,
    )
  )
    return false;
  const hasLetter = /\p{L}/u.test(text);
  return hasLetter && (/\d/.test(text) || /[\p{L}\d][!#$%&*^?@+][\p{L}\d]/u.test(text));
}

/** Returns whether a text looks like a password wherever it stands: a digit between letters, or a symbol between letters or digits. */
export function isSurelyPassword(text: string): boolean {
  if (!looksLikePassword(text) || text.length < 6) return false;
  if (/^[a-z]+(?:[_-][a-z\d]+)+$/.test(text) && switchesOf(text) < 2) return false;
  return (
    /\p{L}\d+\p{L}/u.test(text) ||
    /[\p{L}\d][!#$%&*^?@+](?:[\p{L}\d]|$)/u.test(text) ||
    /^(?:\p{Lu}\p{Ll}+[._-]?\d{2,}|\p{Ll}{3,}\d{3,})!?$/u.test(text)
  );
}
