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
const ASSIGNED = String.raw`["']?\s{0,3}(?:=>|[:=：]|(?:is|ist|est|es|è|é|är|er|to|on|lautet):?\s|는 |은 |は|是)\s{0,8}`;
const PASSWORD = String.raw`(?:password|passwort|passwd|passphrase|passcode|pwd|pass|kennwort|mot de passe|contraseña|clave|senha|wachtwoord|parola|lösenord|hasło|heslo|jelszó|salasana|adgangskode|passord|kodeord|şifre|пароль|密码|パスワード|비밀번호)`;
const KEY = String.raw`(?:(?:api|access|secret|private|signing|encryption|account|auth|master)[_ -]?key(?:_id|_base)?|secret|token|credentials?|clé secrète|clave secreta|geheimschlüssel)`;

/** Values that are placeholders, types, or words of a sentence about passwords. */
const NO_SECRET =
  /^(?:null|none|nil|undefined|true|false|string|str|number|boolean|int|text|required|optional|hidden|redacted|secret|password|[*•.x]+)$/i;
const CODE = /[([{]|^[$<!~/%@]|^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$|^\[/;

/** Names of numbers of persons, by country. A name ends at the end of a word, or at one of the words in `OF_NUMBER`. */
const ID_NAMES = [
  "ssn|social security|social|itin|driver['’]?s licen[cs]e|passport|medicare|tax id",
  'nino|ni(?= n)|national insurance|nhs|utr|pps',
  'steuer-?id|steueridentifikations|steuer|idnr|reisepass|pass|personalausweis|ausweis|führerschein|sozialversicherungs|sv',
  'insee|nir|sécurité sociale|passeport|permis de conduire|carte vitale',
  'dni|nie|nif|nss|pasaporte|carnet de conducir|curp|rfc|rut|run|cuit|cuil|cédula|cedula',
  "codice fiscale|carta d['’]identità|passaporto|patente",
  'cpf|cnpj|rg|cnh|pis|passaporte|cartão de cidadão',
  'pesel|nip|dowód osobisty|paszport|rodné číslo|oib|jmbg|emšo|cnp|egn|egy|taj|afm|αφμ|amka',
  'bsn|burgerservice|paspoort|rijksregister|niss|ahv|avs',
  'personnummer|samordningsnummer|fødselsnummer|cpr|henkilötunnus|hetu|kennitala|isikukood',
  'aadhaar|pan|voter id|nric|fin|hkid|my ?number|tckn|tc kimlik|teudat zehut',
  'sin|tfn|abn|ird|паспорт|снилс|инн|身份证|护照|身分證|マイナンバー|旅券|주민등록|여권',
].join('|');
const PHONE_NAMES = [
  'tel|telefon|telephone|phone|call(?: me)?(?: on| at)?|mobile|cell(?:phone)?|fax|ring(?: me)?(?: on| at)?|text(?: me)?(?: on| at)?|whatsapp|signal',
  'mobil|handy|ruf|anruf|natel|gsm|portable|téléphone|móvil|movil|celular|teléfono|llámame al|cellulare|telefono|telemóvel|telefone',
  'tlf|puh(?:elin)?|telefoon|mobiel|komórka|komórkowy|numer|cep|τηλ|тел|телефон|моб|手机|电话|電話|携帯|전화|핸드폰',
].join('|');
const OF_NUMBER = String.raw`(?:s?-?(?:nummer|nr|number|no|num|número|numéro|numero|numarası|telefon|card|id|code)|(?:号码|号|號碼|番号|번호|證|号碼))?(?![\p{L}\p{N}](?<![\u2e80-\uffff]))["']?[ .:=#：]{0,3}(?:(?:no|nr|n°|n|number|nummer|num|número|numéro|numero|card|code|is|ist|es|est|è|é|är|er|to|は|是|는|은)(?![\p{L}\p{N}](?<![\u2e80-\uffff]))[ .:=#]{0,3}){0,3}["']?`;

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
    name: /<[\w.:-]{0,40}?(?:password|passwd|pwd|secret|token|key)>/gi,
    valueAt: matchAt(/[^<>\s]{4,200}(?=<\/)/y),
  },
  // <add key="Password" value="…">, and variables of a Kubernetes manifest.
  {
    kind: 'secret',
    name: /(?:key|name)["']?[=:]\s{0,3}["']?[\w.:-]{0,40}(?:password|passwd|pwd|secret|token|key)["']?,?\s{1,40}["']?value["']?[=:]\s{0,3}/gi,
    valueAt: (text, at) => secretAt(text, at, 4),
  },
  {
    kind: 'secret',
    name: /(?<![\w-])(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:[A-Za-z][\w-]{1,30} {1,3})?/gi,
    valueAt: (text, at) => secretAt(text, at, 12, true),
  },
  {
    kind: 'secret',
    name: /(?<![\w-])(?:sshpass|docker login|podman login|redis-cli|ldapsearch)(?: [^\s-]{1,60}| -{1,2}(?![pwa](?![\w]))[\w-]{1,40}(?:[ =][^\s-]{1,60})?){0,8} -[pwa] ?(?=\S)/g,
    valueAt: (text, at) => secretAt(text, at, 4),
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
    name: new RegExp(`(?<![\\p{L}\\p{N}])(?:${ID_NAMES})${OF_NUMBER}`, 'giu'),
    valueAt: matchAt(/(?=(?:[A-Z ./-]{0,8}\d){4})[A-Z\d](?:[ ./-]?[A-Z\d]){6,20}(?![\p{L}\p{N}])/uy),
  },
  {
    kind: 'phone',
    name: new RegExp(`(?<![\\p{L}\\p{N}])(?:${PHONE_NAMES})${OF_NUMBER}`, 'giu'),
    valueAt: matchAt(
      /(?!\d{4}-\d\d-\d\d|\d{1,2}([./])\d{1,2}\1\d{2,4}\b)[+(]{0,2}\d{1,5}\)?(?:[ ()./-]{0,3}\d){5,12}(?![\p{N}]|[a-z])/uy,
    ),
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
