/** Passwords, keys and tokens after a name: `password: hunter22`, `"api_key": "…"`, `мой пароль Snegir_2031`. */
import { once } from '../../../common/collections/once.js';
import { anyOf } from './names/any-of.js';
import { COPULAS, KEY_NAMES, PASSWORD_NAMES, SERVICES, SHORT_PASSWORD_NAMES } from './names/secret-names.js';
import { matchAt, type NamedValue, type ValueRange } from './named-values.js';
import {
  keyAt,
  literalAt,
  mixedAt,
  mixedToken,
  passwordAt,
  passwordHere,
  surePassword,
  variableAt,
} from './secret-values.js';

const START = String.raw`(?<![\p{L}\p{N}])`;
const ENDING = String.raw`[\p{L}\p{M}]{0,5}(?:[\[_.-]\w{1,16}\]?){0,2}`;

/** A quote or a bracket that closes a name. */
const CLOSED = String.raw`\\{0,3}["'\]]{0,2}`;
/** Up to six words between a name and the sign or word that assigns. */
const WORDS = String.raw`(?:[ \t]{1,2}[\p{L}'().@/-]{1,20}){0,6}?`;
const SIGN = String.raw`\s{0,3}(?:=>|:?=|[:：]|->|→)`;

export const namedSecrets = /* @__PURE__ */ once((): readonly NamedValue[] => {
  const PASSWORD = String.raw`(?:${START}(?:${anyOf(SHORT_PASSWORD_NAMES)})(?![\p{L}\p{N}](?<![\u2e80-\uffff]))|(?:${anyOf(...Object.values(PASSWORD_NAMES))})${ENDING})`;
  const KEY = String.raw`(?<![\p{L}\p{N}])(?:${anyOf(KEY_NAMES)})s?(?:_(?:id|base|prod|dev|test|live|\d))?(?![\p{L}\p{N}](?<![\u2e80-\uffff]))`;
  const COPULA = String.raw`[ \t]{1,2}(?:${anyOf(COPULAS)}):?(?=\s{1,3}(?:["'\x60]|[^\s"']{0,40}[\d!#$%&*^?@+]))|,\s?(?=["'])| ?(?:는|은|は|が|是|为|為)(?![\p{L}](?<=\p{Script=Hangul}))`;
  const ASSIGNED = String.raw`(?:${SIGN}|${COPULA})\s{0,8}(?:!!\w{1,10} )?`;
  return [
    // password: x, "password": "x", my password is x, the password of the cabin: x
    {
      kind: 'secret',
      name: new RegExp(`${PASSWORD}${CLOSED}${WORDS}${ASSIGNED}`, 'giu'),
      valueAt: passwordAt,
    },
    // the password x, WITH PASSWORD 'x'
    {
      kind: 'secret',
      name: new RegExp(String.raw`${PASSWORD}${CLOSED}[ \t]{1,3}`, 'giu'),
      valueAt: passwordHere,
    },
    { kind: 'secret', name: new RegExp(`${PASSWORD}${CLOSED}`, 'giu'), valueAt: surePassword },
    // DB_PASSWORD=x, Password=x; in a connection string
    {
      kind: 'secret',
      needs: '=',
      name: /(?<![\w-])(?:[A-Z][A-Z\d]{0,30}_){0,6}(?:PASSWORD|PASSWD|PASS|PWD|PASSPHRASE)=/g,
      valueAt: variableAt,
    },
    {
      kind: 'secret',
      needs: '=',
      name: /(?<=[;"'])(?:password|pwd)=(?=[^;\s"']{4,100}[;"'])/gi,
      valueAt: variableAt,
    },
    // {"password":"x"}
    {
      kind: 'secret',
      name: /["'][\w.-]{0,30}(?:password|passwd|pwd|passphrase|contraseña|passwort|senha|mot_de_passe)["']\s{0,3}(?::|=>)\s{0,3}(?=["'])/gi,
      valueAt: literalAt,
    },
    // Login: admin / x
    {
      kind: 'secret',
      name: /(?<!\p{L})(?:log-?ins?|credentials?|creds|account|user\/pass(?:word)?|zugangsdaten|anmeldedaten|zugang|identifiants?|accès|credenciales|credenziali|acceso|accesso|acesso|usuario|utente|inloggegevens|inloggningsuppgifter|innlogging|kirjautumistiedot|bejelentkezés|giriş|dane logowania|přihlašovací údaje|логин|доступ|учетка)(?: [\p{L}'-]{1,14}){0,4}[ :=-]{1,3}["']?[\w.@+-]{2,40}["']?(?: ?[/|:,;] ?| and | y | et | und | e | i )["']?/giu,
      valueAt: passwordHere,
    },
    {
      kind: 'secret',
      name: /\bset password for \S{1,80}(?: ?= ?| to )(?:password\()?/gi,
      valueAt: literalAt,
    },
    // dbPwd: x, userPass = x
    {
      kind: 'secret',
      name: /(?<=[a-z\d])(?:Pass|Pwd|Pw|PW|Psw)["']?\s{0,3}[:=]\s{0,3}/g,
      valueAt: passwordAt,
    },
    // Authorization: Bearer x
    {
      kind: 'secret',
      name: /(?<![\w-])(?:proxy-)?authorization["']?\s{0,3}[:=,]\s{0,3}["']?(?:[A-Za-z][\w-]{1,30} {1,3})?(?:credential=)?/gi,
      valueAt: keyAt,
    },
    { kind: 'secret', name: new RegExp(`${KEY}${CLOSED}${WORDS}${ASSIGNED}`, 'giu'), valueAt: keyAt },
    {
      kind: 'secret',
      name: /(?<=[a-z\d])(?:Key|Token|Secret|Credential|Pat|Auth|Sid|Jwt|Dsn)s?["'\]]{0,2}\s{0,3}(?:=>|:?=|:)\s{0,3}/g,
      valueAt: keyAt,
    },
    // Services, and other names that end with "key": AZURE_OPENAI_KEY, Ocp-Apim-Subscription-Key.
    {
      kind: 'secret',
      name: new RegExp(
        String.raw`(?<!public[_ -]|primary[_ -]|foreign[_ -]|sort[_ -])(?:key|token|secret|pat|api|auth|creds?|appid|app_id)["'\])]{0,3}${SIGN}\s{0,4}`,
        'giu',
      ),
      valueAt: mixedAt(14),
    },
    { kind: 'secret', name: new RegExp(`${START}(?:${anyOf(SERVICES)})`, 'giu'), valueAt: serviceKeyAt },
    {
      kind: 'secret',
      name: new RegExp(`${KEY}${CLOSED}:?`, 'giu'),
      valueAt: (text, at) => uuidAt(text, at) ?? mixedToken(text, at),
    },
    {
      kind: 'secret',
      needs: '=',
      name: /[?&#](?:code|key|token|sig|signature|secret|auth|sas|password|pwd|pass|k|t|apikey|state_token|ticket|otp|jwt|id_token|access_token|refresh_token|x-amz-signature|x-amz-security-token|x-goog-signature|awsaccesskeyid|signature)=/gi,
      valueAt: mixedAt(8),
    },
    {
      kind: 'secret',
      needs: '</',
      name: /<(?:\w{1,20}:)?[\w.-]{0,40}?(?:password|passwd|pwd|passphrase|secret|token|key)(?: [\w:]{1,20}="[^"]{0,60}"){0,3}>/gi,
      valueAt: matchAt(/(?:<!\[CDATA\[)?(?=[^<>\s]{0,60}\d|[^<>\s]{8})[^<>\s${]{4,200}(?=<\/|\]\])/y),
    },
    // <entry key="password">x</entry>
    {
      kind: 'secret',
      needs: '</',
      name: /<\w{1,20} (?:key|name)="[\w.-]{0,40}(?:password|passwd|pwd|secret|token)">/gi,
      valueAt: matchAt(/[^<>\s${]{4,200}(?=<\/)/y),
    },
    // <add key="Password" value="…">, and variables of a Kubernetes manifest.
    {
      kind: 'secret',
      name: /(?:key|name)["']?[=:]\s{0,3}["']?[\w.:-]{0,40}(?:password|passwd|pwd|secret|token|key|pass)["']?,?\s{1,40}["']?value["']?[=:]\s{0,3}/gi,
      valueAt: passwordAt,
    },
    // Parameters of headers, and cookies of sessions.
    {
      kind: 'secret',
      needs: '=',
      name: /(?<![\w-])(?:signature|response|nonce|cnonce|oauth_token|oauth_signature|oauth_consumer_key)=["']?(?=[\da-f]{32}|[\w+/%-]{20})/gi,
      valueAt: keyAt,
    },
    {
      kind: 'secret',
      needs: '=',
      name: /(?:(?<![\w-])cookie["']?\s{0,3}[:=,]\s{0,3}["']?[\w.-]{1,40}=|(?<=[;"'?&\s]|^)(?:connect\.sid|PHPSESSID|JSESSIONID|ASP\.NET_SessionId|\.AspNetCore\.\w{1,40}|\.ASPXAUTH|__(?:Host|Secure)-[\w.-]{1,60}|laravel_session|_\w{1,30}_session|sessionid|session_id|session|csrftoken|XSRF-TOKEN|remember_token|remember_me|auth_token|wordpress_logged_in_\w{1,40}|CFID|CFTOKEN|SSID|HSID|SAPISID|li_at|c_user|xs)=)/gi,
      valueAt: mixedAt(8),
    },
    {
      kind: 'secret',
      needs: 'auth',
      name: /(?<![\w-])["']auth["']\s{0,3}:\s{0,3}(?=["'][A-Za-z\d+/]{8,400}={0,2}["'])/g,
      valueAt: variableAt,
    },
    // WIFI:T:WPA;S:name;P:x;;
    {
      kind: 'secret',
      needs: 'WIFI:',
      name: /\bWIFI:(?:[^;\n]{0,60};){0,4}?P:/g,
      valueAt: matchAt(/(?:\\.|[^;\\\n]){4,80}(?=;)/y),
    },
    // Words of a seed phrase.
    {
      kind: 'secret',
      name: /\b(?:seed|recovery|mnemonic|backup|secret|wallet|semilla|recuperación|récupération|wiederherstellungs)(?:[ -]?(?:phrase|words?|frase|phrase|seed|code))?(?: (?:is|are|es|est|ist|lautet|for|of|my|the|wallet|ledger|metamask|trezor|de|mi)){0,4}["']?\s{0,2}[:=]?\s{0,3}["']?(?=[a-z]{3,8}[ ,])/gi,
      valueAt: matchAt(/(?:[a-z]{3,8}(?:, ?|[ \n]{1,2}(?:\d{1,2}\. ?)?)){11,23}[a-z]{3,8}/y),
    },
    {
      kind: 'secret',
      name: /\b(?:frase semilla|frase de recuperación|phrase de récupération|mnemonic|seed phrase)\b[^:\n]{0,30}:\s{0,3}["']?/gi,
      valueAt: matchAt(/(?:\p{Ll}{3,9}(?:, ?| )){11,23}\p{Ll}{3,9}/uy),
    },
    // Addresses that are secrets: webhooks, and keys in paths.
    {
      kind: 'secret',
      needs: '/',
      name: /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/|\.webhook\.office\.com\/webhookb2\/|\.logic\.azure\.com(?::443)?\/workflows\/|hooks\.zapier\.com\/hooks\/catch\/|hook\.(?:\w{2,5}\.)?(?:make|integromat)\.com\/|maker\.ifttt\.com\/trigger\/\w{1,60}\/(?:json\/)?with\/key\/|open\.(?:feishu|larksuite)\.(?:cn|com)\/open-apis\/bot\/v2\/hook\/|(?:infura\.io|alchemy(?:api)?\.(?:com|io)|ankr\.com\/\w{1,30}|quiknode\.pro)\/(?:ws\/)?(?:v\d\/)?|\.m\.pipedream\.net\/|hc-ping\.com\/|api\.telegram\.org\/bot|oapi\.dingtalk\.com\/robot\/send\?access_token=|qyapi\.weixin\.qq\.com\/cgi-bin\/webhook\/send\?key=|chat\.googleapis\.com\/v1\/spaces\/[\w-]{1,30}\/messages\?key=|webhook\.site\/|events\.pagerduty\.com\/integration\/|ntfy\.sh\/(?=\w{0,60}\d)/g,
      valueAt: matchAt(/[\w:/@%-]{10,300}/y),
    },
  ];
});

/** Text between the name of a service and its key. */
const SERVICE_KEY = /[\w .-]{0,20}?(?:key|token|secret|pat)["']?(?:\s{0,3}(?:=>|:?=|:)| is)\s{0,4}/iy;
const SERVICE_ARGUMENT = /[\w .'"()[-]{0,24}?(?:=>|:?=|[:(,])\s{0,4}/y;
const UUID_KEY =
  /(?:[ _-]?(?:api|access|auth|secret))?[ _-]?(?:key|token|secret|pat)(?: is)?["']?[ :=]{1,3}["']?(?=[\da-f]{8}-)/iy;
const UUID = /[ :="']{0,3}[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\w-])/iy;

/** Returns the range of a key after the name of a service: assigned, an argument, a UUID, or one of the next words. */
function serviceKeyAt(text: string, at: number): ValueRange | undefined {
  const after = (pattern: RegExp): number | undefined => matchAt(pattern)(text, at)?.end;
  const key = after(SERVICE_KEY);
  const argument = after(SERVICE_ARGUMENT);
  const uuid = after(UUID_KEY);
  return (
    (key === undefined ? undefined : keyAt(text, key)) ??
    (argument === undefined ? undefined : mixedAt(16)(text, argument)) ??
    (uuid === undefined ? undefined : uuidAt(text, uuid)) ??
    mixedToken(text, at)
  );
}

/** Returns the range of a UUID. The keys of some services are UUIDs. */
function uuidAt(text: string, at: number): ValueRange | undefined {
  return matchAt(UUID)(text, at);
}
