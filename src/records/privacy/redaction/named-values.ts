/**
 * Values that are personal because of the name in front of them: `password: hunter22`, `"api_key": "…"`, `SSN 123-45-6789`. A name is a
 * pattern that ends where the value begins. Only the value is redacted.
 */
import type { PersonalDataKind } from './personal-data-kind.js';

export interface ValueRange {
  readonly start: number;
  readonly end: number;
}

export interface NamedValue {
  readonly kind: PersonalDataKind;
  readonly name: RegExp;
  /** Returns the value at a position, which may begin with a quote that is not part of it. `undefined`: there is none. */
  readonly valueAt: (text: string, at: number) => ValueRange | undefined;
}

/** Beginning of a name, at the start of a word: `AWS_`, `spring.datasource.`, `client`. */
const PREFIX = String.raw`(?<![\p{L}\p{N}_.-])(?:--?)?[\w.-]{0,40}?`;
const ASSIGNED = String.raw`["']?\s{0,3}(?:=>|[:=]|is:?\s|ist:?\s|lautet:?\s)\s{0,8}`;
const PASSWORD = String.raw`(?:password|passwort|passwd|passphrase|passcode|pwd|pass|mot de passe|contraseña|senha|wachtwoord)`;
const KEY = String.raw`(?:(?:api|access|secret|private|signing|encryption|account|auth|master)[_ -]?key(?:_id|_base)?|secret|token|credentials?|clé secrète|clave secreta|geheimschlüssel)`;

/** Values that are placeholders, types, or words of a sentence about passwords. */
const NO_SECRET =
  /^(?:null|none|nil|undefined|true|false|string|str|number|boolean|int|text|required|optional|hidden|redacted|secret|password|[*•.x]+)$/i;
const CODE = /[([{]|^[$<!~/%@]|^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$|^\[/;

const ID_NAMES = String.raw`(?:ssn|social security(?: number)?|nino|ni(?= n)|national insurance|steuer-?id|idnr|insee|nir|dni|nie|codice fiscale|passport|passnummer|reisepass|passeport|pasaporte|aadhaar|pan|cpf|cnpj|pesel|bsn|ahv|personnummer|fødselsnummer|cpr|henkilötunnus|nif|curp|driver'?s licen[cs]e|führerschein|sin|tfn|personalausweis)`;
const PHONE_NAMES = String.raw`(?:tel|telefon|phone|call|mobile|cell|móvil|movil|tlf|telemóvel|handy|whatsapp|fax|ring|手机|电话)`;
const OF_NUMBER = String.raw`["']?[ .:=#]{0,3}(?:no|nr|number|card|is|ist)?[ .:=#]{0,3}["']?`;

export const NAMED_VALUES: readonly NamedValue[] = [
  {
    kind: 'secret',
    name: new RegExp(`${PREFIX}${PASSWORD}${ASSIGNED}`, 'giu'),
    valueAt: (text, at) => secretAt(text, at, 4),
  },
  {
    kind: 'secret',
    name: new RegExp(`${PREFIX}${KEY}${ASSIGNED}`, 'giu'),
    valueAt: (text, at) => secretAt(text, at, 6, true),
  },
  // AZURE_OPENAI_KEY
  {
    kind: 'secret',
    name: /(?<![\w-])[A-Z][A-Z\d]{0,30}(?:_[A-Z\d]{1,30}){0,5}_KEY["']?\s{0,3}[:=]\s{0,3}/g,
    valueAt: (text, at) => secretAt(text, at, 16, true),
  },
  {
    kind: 'secret',
    name: /<(?:password|passwd|pwd|secret|token|api_?key)>/gi,
    valueAt: matchAt(/[^<>\s]{4,200}(?=<\/)/y),
  },
  // The option of the MySQL clients has no space before its value.
  {
    kind: 'secret',
    name: /(?<![\w-])mysql(?:dump|admin)?(?: [^\s-]{1,60}| -{1,2}(?!p)[\w-]{1,40}(?:[ =][^\s-]{1,60})?){0,8} -p(?=\S)/g,
    valueAt: (text, at) => secretAt(text, at, 4),
  },
  {
    kind: 'secret',
    name: /(?<![\w-])--(?:password|token|api-key)\s{1,3}/gi,
    valueAt: (text, at) => secretAt(text, at, 4),
  },
  {
    kind: 'secret',
    name: /(?<![\w-])(?:-u|--user)\s{1,3}["']?[^\s:]{1,60}:/g,
    valueAt: (text, at) => secretAt(text, at, 4),
  },
  {
    kind: 'secret',
    name: /(?<![\w-])cookie["']?\s{0,3}[:=]\s{0,3}["']?[\w-]{1,40}=/gi,
    valueAt: (text, at) => secretAt(text, at, 8),
  },
  {
    kind: 'secret',
    name: /(?<![\p{L}\p{N}])(?:pin|cvv|cvc)(?:[ -]?(?:code|number))?["']?\s{0,3}(?:[:=]|is\s)?\s{0,3}["']?/giu,
    valueAt: matchAt(/\d{3,8}(?![\w-])/y),
  },
  {
    kind: 'id',
    name: new RegExp(`(?<![\\p{L}\\p{N}])${ID_NAMES}${OF_NUMBER}`, 'giu'),
    valueAt: matchAt(/(?=(?:[A-Z ./-]{0,8}\d){4})[A-Z\d](?:[ ./-]?[A-Z\d]){6,20}(?![\p{L}\p{N}])/uy),
  },
  {
    kind: 'phone',
    name: new RegExp(`(?<![\\p{L}\\p{N}])${PHONE_NAMES}${OF_NUMBER}`, 'giu'),
    valueAt: matchAt(/[1-9]\d{1,4}(?:[ ./-]?\d){5,10}(?![\p{L}\p{N}])/uy),
  },
];

function matchAt(value: RegExp): NamedValue['valueAt'] {
  return (text, at) => {
    value.lastIndex = at;
    const match = value.exec(text);
    return match ? { start: at, end: at + match[0].length } : undefined;
  };
}

const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\\n]){1,500})/y;
const BARE = /[^\s"'`,;&)}<>]{1,500}/y;

/** Returns the range of a secret. A bare one has a digit; a quoted one has a digit, or at least eight characters. */
function secretAt(text: string, at: number, minLength: number, needsDigit = false): ValueRange | undefined {
  QUOTED.lastIndex = at;
  const quoted = QUOTED.exec(text)?.[2];
  BARE.lastIndex = at;
  const value = quoted ?? BARE.exec(text)?.[0] ?? '';
  if (value.length < minLength || NO_SECRET.test(value) || CODE.test(value)) return undefined;
  const isLong = quoted !== undefined && !needsDigit && value.length >= 8;
  if (!isLong && !/\d/.test(value)) return undefined;
  const start = quoted === undefined ? at : at + 1;
  return { start, end: start + value.length };
}
