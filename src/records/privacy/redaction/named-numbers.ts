/** Numbers after a name: those of persons, phones and codes. */
import { once } from '../../../common/collections/once.js';
import { AMBIGUOUS_ID_NAMES, ID_NAMES, NUMBER_WORDS } from './names/id-names.js';
import { anyOf } from './names/any-of.js';
import { PHONE_NAMES } from './names/phone-names.js';
import { matchAt, type NamedValue, type ValueRange } from './named-values.js';

const START = String.raw`(?<![\p{L}\p{N}])`;
/** No letter follows, unless the script has no spaces between words. */
const END = String.raw`(?![\p{L}\p{M}\p{N}](?<![\u0e00-\u0e7f\u2e80-\uffff]))`;
/** Words after which a number is no number of a person. */
const OTHER =
  'copyright|has|have|had|costs|cost|hat|haben|kostet|cuesta|tiene|coûte|custa|tem|kosztuje|стоит|имеет|aviv|order|orders|ticket|invoice|case|version|model|part|sku|serial|tracking|bug|issue|room|page|pages|line|lines|row|rows|build|release|error|code|price|total|score|from|between|bestell|rechnung|pedido|commande|factura';
/** Up to three words between a name and its number: "of my wife", "nacional", "kom.". */
const WORDS = String.raw`(?:[.:)](?= ))?(?:[ ,]{1,2}(?!(?:${OTHER})(?!\p{L}))[\p{L}\p{M}'’./-]{1,16}|[ ]?\([^()\n]{1,24}\)){0,4}?`;
const SIGNS = String.raw`["'*]{0,3}[\s.,:=#：؛№°º~–—はが是为為는은이-]{0,4}(?:คือ ?)?(?:[("'\[]{0,2})`;

/** A number of a person: at least seven characters, of which four are digits, in groups. */
const ID = String.raw`(?![A-Z]{2,5} (?:19|20)\d{2}(?![\d ]))(?!(?:19|20)\d\d ?[–-] ?(?:19|20)\d\d(?!\d)|\d{4}-\d\d-\d\d(?!\d)|\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}(?!\d))(?=(?:[A-ZА-ЯΑ-Ω ./-]{0,8}\d){4})(?:[A-ZА-ЯΑ-Ω\d]|№ ?)(?: ?- ?| (?:№|номер|nr|no\.?) |[ ./–·]{0,2}[A-ZА-ЯΑ-Ω\d]){6,24}(?![\p{L}\p{N}])`;
/** A number in small letters, which has no letters after a space. */
const SMALL_ID = String.raw`(?=[a-z\d-]{7})(?:[a-z]{1,3}-?)?\d{4,12}[a-z]?\d{0,6}[a-z]?(?![\p{L}\p{N}])`;
/** A name is followed by the beginning of a number, because words between them are as few as possible. */
const ID_BEGINS = String.raw`(?=№? ?\p{L}{0,6}[ .-]?\d)`;
const PHONE_BEGINS = String.raw`(?=[+(]{0,2}\d)`;
const idValue = /* @__PURE__ */ once(() => new RegExp(`${ID}|${SMALL_ID}`, 'uy'));

/** Names of codes that are entered to unlock or to confirm. */
const CODES =
  "pin|pins|pin code|pin number|pincode|cvv|cvv2|cvc|cvc2|csc|otp|one time code|one time password|one time passcode|verification code|security code|access code|door code|gate code|alarm code|entry code|login code|sign in code|confirmation code|authentication code|auth code|2fa code|backup code|backup codes|recovery code|recovery codes|activation code|garage code|lockbox code|keypad code|lock code|gate pin|entsperrcode|haustürcode|freischaltcode|aktivierungscode|tresorcode|garagencode|pin nummer|mfa code|passcode|unlock code|safe code|sms code|tan|mtan|itan|puk|geheimzahl|sicherheitscode|zugangscode|bestätigungscode|einmalcode|einmalpasswort|türcode|kartenprüfnummer|prüfziffer|code secret|code pin|code de sécurité|code de vérification|code de carte|code du coffre|code de l'alarme|code d'alarme|code alarme|code du portail|code de l'immeuble|senha|code d'accès|code porte|digicode|code de la porte|code d'entrée|code confidentiel|cryptogramme|código|código de seguridad|código de verificación|código de acceso|código pin|código de confirmación|clave|número secreto|codice pin|codice di sicurezza|codice di verifica|codice segreto|codice|código de segurança|código de verificação|código de acesso|pincode|beveiligingscode|verificatiecode|toegangscode|kod|kod pin|kod pin do|pinkod|pinkoden|pin kod|pin kodu|pinkode|pin kode|pinkoodi|kodas|kód|pinkód|pin kód|bezpečnostní kód|ověřovací kód|kod bezpieczeństwa|güvenlik kodu|doğrulama kodu|şifre|пин|пин код|пинкод|код|код подтверждения|код доступа|код безопасности|κωδικός|pin το|رمز|الرمز|رمز التحقق|الرقم السري|קוד|קוד סודי|कोड|पिन|ओटीपी|otp code|รหัส|รหัส pin|mã pin|mã otp|mã xác nhận|kode otp|kode pin|kode verifikasi|kod otp|验证码|校验码|驗證碼|动态码|密码|暗証番号|認証コード|確認コード|セキュリティコード|인증번호|인증코드|보안코드|비밀번호|핀번호";
/** Words after which a code is no secret: "código postal". */
const PUBLIC_CODE =
  'postal|zip|error|errors|ошибки|erreur|fehler|promo|discount|descuento|promotion|country|area|civil|penal|barras|barres|status|source|fuente|product|producto|client|cliente|ascii|morse|hs|icd|qr|bar|line|lines|lengths?|page|exit|swift|bic';
const CODE_WORDS = String.raw`(?:[ ,]{1,2}(?!(?:${OTHER}|${PUBLIC_CODE})(?!\p{L}))[\p{L}\p{M}'’-]{1,14}){0,6}?`;

export const namedNumbers = /* @__PURE__ */ once((): readonly NamedValue[] => {
  const NUMBER_WORD = anyOf(NUMBER_WORDS);
  const JOINED = String.raw`(?:[ ._-]{0,2}s?[ -]?(?:${NUMBER_WORD}))?(?:(?<=\p{L}{4})\p{L}{1,3})?`;
  return [
    {
      kind: 'secret',
      name: new RegExp(`${START}(?:${anyOf(CODES)})${END}${CODE_WORDS}${SIGNS}(?=\\d{3})`, 'giu'),
      valueAt: matchAt(
        /(?:\d{3}[ -]\d{3}|\d{3,10})(?![\p{L}\p{N}_]|[.,:/-]\d|-| ?(?:%|€|\$|digits?|digit|characters?|chars|letters|times|attempts|minutes?|mins?|seconds?|secs?|hours?|days?|stellig|zeichen|ziffern|chiffres|caractères|dígitos|caracteres|cifre|caratteri|cijfers|siffror|цифр|символ|位|桁|자리))/iuy,
      ),
    },
    {
      kind: 'id',
      name: new RegExp(
        `${START}(?:${anyOf(...Object.values(ID_NAMES))})${JOINED}${END}${WORDS}${SIGNS}${ID_BEGINS}`,
        'giu',
      ),
      valueAt: idAt,
    },
    {
      kind: 'id',
      name: new RegExp(
        `${START}(?:${AMBIGUOUS_ID_NAMES})(?:[ -]?(?:${NUMBER_WORD}))?${END}${WORDS}${SIGNS}${ID_BEGINS}`,
        'gu',
      ),
      valueAt: idAt,
    },
    {
      kind: 'phone',
      name: new RegExp(
        `${START}(?:${anyOf(...Object.values(PHONE_NAMES))})${JOINED}${END}${WORDS}${SIGNS}${PHONE_BEGINS}`,
        'giu',
      ),
      valueAt: matchAt(
        /(?![\d. /]{0,12}\d{4}-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})\b)[+(]{0,2}\d{1,5}\)?(?:[ ()./–-]{0,3}\d){5,13}(?![\p{N}]|[a-z]|[.,]\d| ?(?:%|€|\$|eur|usd|ms|km|kg|points|rows|times|people))/iuy,
      ),
    },
    // A network card's address without separators.
    {
      kind: 'ip',
      name: /\b(?:mac|ethernet|hwaddr|bssid|hw|hardware|physical)(?:[ -]?addr(?:ess|esse)?)?["']?[ :=]{1,3}["']?/gi,
      valueAt: matchAt(/[\da-f]{12}(?!\w)/iy),
    },
  ];
});

const shortWord = /* @__PURE__ */ once(
  () => new RegExp(String.raw`(?!(?:${OTHER})(?!\p{L}))\p{L}{1,6}[ .-]{1,2}`, 'iuy'),
);

/** Returns the range of a number of a person here, or after one short word, which the name's pattern took for letters of the number. */
function idAt(text: string, at: number): ValueRange | undefined {
  const valueAt = matchAt(idValue());
  const here = valueAt(text, at);
  if (here !== undefined) return here;
  const word = matchAt(shortWord())(text, at);
  return word && valueAt(text, word.end);
}
