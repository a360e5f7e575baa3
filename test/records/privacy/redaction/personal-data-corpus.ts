/**
 * Samples for `redactPersonalData`, all invented. In PERSONAL, « and » enclose what must go. {a20}: 20 letters and digits; {x32}: 32
 * hexadecimal digits; {A16}: 16 capitals and digits. They are filled in at run time, because key-shaped texts in a repository set off
 * scanners.
 * Samples that are "held out" were written without a look at the patterns. 113 of 122 personal ones were found, and 2 of 74 innocent ones
 * changed, before the patterns were mended.
 */
export const PERSONAL: Readonly<Record<string, string>> = {
  email: `
mail «ada.lovelace@example.co.uk» please
«a+b_c@sub.example.io»
«jürgen@müller.de»
Ada <«ada@x.org»>
«ADA@EXAMPLE.COM»
«иван@почта.рф»
«ada [at] example [dot] com»
«ada(at)example.org»
?email=«ada%40example.com»&x=1
«o'brien@example.ie»
mailto:«ada@example.com»
«user#1@example.com»
«ada＠example.com»
"«ada@example.com»",
{"email":"«grace.hopper@navy.example.mil»"}
contact: «first-last@my-company.dev».
«x@y.co»; «z@w.museum»
reply to «team_42@mail.example.travel»!
Schreib an «müller.heinz@post.example.at»
«1234567@student.example.edu»`,
  phone: `
DE «0170 1234567»
DE «+49 (0)170 1234567»
DE «030/1234567»
DE «0171-1234567»
DE «0049 30 123456»
DE «+49 170 1234567»
DE «+49‑170‑1234567»
DE «0170 1234567»
UK «020 7946 0958»
UK «07700 900123»
UK «+44 20 7946 0958»
UK «(020) 7946 0958»
FR «06 12 34 56 78»
FR «06.12.34.56.78»
FR «+33 6 12 34 56 78»
FR «06-12-34-56-78»
US «415-555-0132»
US «(415) 555-0132»
US «1-800-555-0199»
US «+1 415 555 0132»
US «+1.415.555.0132»
US «415.555.0132»
US call «4155550132» now
US «+14155550132»
US tel:«+14155550132»
US «+1-415-555-0132» ext. 89
US «(415) 555‑0132»
US my number is «415 555 0132»
ES tel. «612 34 56 78»
ES «+34 612 345 678»
ES móvil: «612 345 678»
IT «+39 347 123 4567»
IT cell. «347 1234567»
IT «+39 06 6982 1234»
PL «+48 601 234 567»
PL telefon «601 234 567»
NL «06-12345678»
NL «+31 6 12345678»
NL «020-1234567»
CH «044 668 18 00»
CH «+41 44 668 18 00»
CH «079 123 45 67»
AT «+43 660 1234567»
AT «0660 1234567»
BE «0470 12 34 56»
BE «+32 470 12 34 56»
SE «070-123 45 67»
SE «+46 70 123 45 67»
NO «+47 412 34 567»
NO tlf «412 34 567»
DK «+45 20 12 34 56»
DK tlf. «20 12 34 56»
FI «040 1234567»
FI «+358 40 1234567»
PT «+351 912 345 678»
PT telemóvel «912 345 678»
BR «(11) 91234-5678»
BR «+55 11 91234-5678»
IN «+91 98765 43210»
IN mobile «98765 43210»
JP «090-1234-5678»
JP «+81 90-1234-5678»
CN «+86 138 0013 8000»
CN 手机 «138 0013 8000»
AU «0412 345 678»
AU «+61 412 345 678»
RU «8 (912) 345-67-89»
RU «+7 912 345-67-89»
IE «087 123 4567»
IE «+353 87 123 4567»
CZ «+420 601 234 567»
MX «+52 55 1234 5678»
ZA «082 123 4567»
ZA «+27 82 123 4567»
TR «0532 123 45 67»
KR «010-1234-5678»
wide «０１７０ １２３４５６７»
Please ring «+49 30 901820» today
whatsapp «+971501234567»
phone=«0170-1234567»&x=2`,
  card: `
«4111 1111 1111 1111»
«4111111111111111»
«3782 822463 10005»
«5500-0000-0000-0004»
«4111 1111 1111 1111»
«4111‑1111‑1111‑1111»
«4111.1111.1111.1111»
card: «5105105105105100» exp 01/29
«6011 1111 1111 1117»
«3530111333300000»
«30569309025904»
«4012888888881881»
{"card":"«378282246310005»"}
pay with «2223 0031 2200 3222»
«5555-5555-5555-4444» please
«4222 2222 2222 2»
«6304000000000000»
Kreditkarte «4000 0566 5566 5556»
«4917 6100 0000 0000»
«4242424242424242»`,
  iban: `
«DE89 3704 0044 0532 0130 00»
«DE89370400440532013000»
«de89370400440532013000»
«DE89 3704 0044 0532 0130 00»
«GB82WEST12345698765432»
«GB82 WEST 1234 5698 7654 32»
«FR14 2004 1010 0505 0001 3M02 606»
«AT61 1904 3002 3457 3201»
«CH93 0076 2011 6238 5295 7»
«NL91 ABNA 0417 1643 00»
«BE68 5390 0754 7034»
«ES91 2100 0418 4502 0005 1332»
«IT60 X054 2811 1010 0000 0123 456»
«PT50 0002 0123 1234 5678 9015 4»
«PL61 1090 1014 0000 0712 1981 2874»
«SE45 5000 0000 0583 9825 7466»
«NO93 8601 1117 947»
«DK50 0040 0440 1162 43»
«FI21 1234 5600 0007 85»
«IE29 AIBK 9311 5212 3456 78»
«CZ65 0800 0000 1920 0014 5399»
«GR16 0110 1250 0000 0001 2300 695»
«LU28 0019 4006 4475 0000»
«HU42 1177 3016 1111 1018 0000 0000»
«TR33 0006 1005 1978 6457 8413 26»
IBAN: «DE89-3704-0044-0532-0130-00»
auf «AT611904300234573201» bitte`,
  id: `
SSN «123-45-6789»
my social security number is «123-45-6789»
ssn: «219099999»
UK NINO «QQ123456C»
national insurance «QQ 12 34 56 C»
Steuer-ID «65929970489»
IdNr. «65 929 970 489»
INSEE «1 85 05 78 006 084 91»
NIR «185057800608491»
DNI «12345678Z»
NIE «X1234567L»
codice fiscale «RSSMRA85T10A562S»
passport «C01X00T47»
Passnummer: «C01X00T47»
passport no. «123456789»
aadhaar «2345 6789 0123»
PAN «ABCDE1234F»
CPF «529.982.247-25»
cpf «52998224725»
CNPJ «11.222.333/0001-81»
PESEL «44051401359»
BSN «111222333»
AHV «756.9217.0769.85»
personnummer «811228-9874»
fødselsnummer «01010112345»
CPR «010190-1234»
henkilötunnus «131052-308T»
NIF «123456789»
CURP «GOMC850101HDFRRL09»
driver's license «D1234562»
Führerschein «B072RRE2I55»
SIN «046 454 286»
TFN «123 456 782»
Personalausweis «T220001293»`,
  ip: `
from «192.168.1.10»
«10.0.0.1»:8080
«2001:db8::ff00:42:8329»
[«2001:db8::1»]:443
«fe80::1»%eth0
«2001:0db8:85a3:0000:0000:8a2e:0370:7334»
client_ip=«203.0.113.77»
ip «198.51.100.4», port 22
"«172.16.254.1»"
MAC «00:1A:2B:3C:4D:5E»
mac «00-1a-2b-3c-4d-5e»
x-forwarded-for: «203.0.113.9», «198.51.100.2»
ssh root@«203.0.113.5»`,
  vendor: `
«sk-{a48}»
«sk-proj-{a40}»
«sk-ant-api03-{a40}»
«sk-or-v1-{x64}»
«AKIA{A16}»
aws_secret_access_key = «wJalr{a35}»
AWS_SECRET_ACCESS_KEY=«{a40}»
«AIzaSy{a33}»
«ya29.{a60}»
«ghp_{a36}»
«gho_{a36}»
«github_pat_11{a20}_{a40}»
«glpat-{a20}»
«xoxb-1234567890-{a24}»
https://hooks.slack.com/services/«T00000000/B00000000/{a24}»
«sk_live_{a24}»
«rk_test_{a24}»
«whsec_{a32}»
«AC{x32}»
«SK{x32}»
«SG.{a22}.{a43}»
«hf_{a34}»
«npm_{a36}»
AccountKey=«{a86}==»
sv=2022-11-02&sig=«{a43}%3D»
«key-{x32}»
«123456789:AA{a33}»
«MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.{a38}»
«shpat_{x32}»
«dp.pt.{a43}»
«hvs.{a24}»
«pypi-AgEIcHlwaS5vcmc{a40}»
«dapi{x32}»
«gsk_{a52}»
«lsv2_pt_{x32}_{x10}»
«xai-{a80}»
«r8_{a37}»
«lin_api_{a40}»
«ntn_{a46}»
«sbp_{x40}»
«pplx-{a48}»
«tvly-{a32}»
«dop_v1_{x64}»
«sq0atp-{a22}»
«figd_{a40}»
«rubygems_{x48}»
«NRAK-{A27}»
«glsa_{a32}_{x8}»
«phc_{a43}»
«EAAC{a80}ZD»
«secret_{a43}»
«pk-lf-{x8}-{x12}»
«ATATT3xFfGF0{a60}»
«sntrys_{a60}»`,
  named: `
COHERE_API_KEY=«{a40}»
MISTRAL_API_KEY: «{a32}»
OPENAI_API_KEY="«{a40}»"
accessToken: "«{a16}»"
{"authToken":"«{a16}»"}
refreshToken=«{a12}»
{"clientSecret":"«{a12}»"}
clientSecret=«{a12}»
dbPassword=«hunter22»
userPassword: "«hunter22»"
DB_PASSWORD=«hunter22»
{"secretKey":"«{a12}»"}
secret_key: «{a12}»
AWS_SECRET_KEY=«{a12}»
passphrase: "«correct horse»"
PGPASSWORD=«hunter22»
MYSQL_PWD=«hunter22»
curl -u admin:«hunter22» https://x
--password «hunter22»
--password=«hunter22»
api key is «{a12}»
API key: «{a12}»
access token: «{a12}»
my token is «{a16}»
Passwort lautet: «hunter22»
Mein Passwort lautet «hunter2»
Mein Passwort ist «hunter2»
password: «hunter2»
{"password":"«hunter2»"}
{"password" : "«hun\\"ter22 rest»"}
my password is «hunter2»
the password is: «hunter2»
password: "«correct horse battery»"
password='«my secret pass 9»'
mot de passe: «hunter2»
contraseña: «hunter2»
senha: «hunter2»
wachtwoord: «hunter2»
password:
  «hunter22»
my PIN is «4821»
CVV «123»
cvc: «123»
PIN: «4821»
X-Api-Key: «{a24}»
Cookie: session=«{a24}»
Authorization: Bearer «{a24}»
Authorization: Basic «dXNlcjpwYXNzMTIz»
authorization=Bearer «{a40}»
pass: «hunter22»
pwd=«hunter22»
SECRET_KEY_BASE=«{x64}»
NEXTAUTH_SECRET=«{a32}»
spring.datasource.password=«hunter22»
encryptionKey: «{a32}»
private_key_id: "«{x40}»"
signingKey = '«{a32}»'
bot_token=«{a32}»
webhookSecret: '«{a20}»'
SMTP_PASS=«hunter22»
redisPassword: «hunter22»`,
  connection: `
«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{a20}.{a43}»
postgres://app:«s3cr3t»@db:5432/x
postgres://app:«p@ss»@db:5432/x
redis://:«hunter2»@host:6379
mongodb+srv://u:«hunter22»@cluster0.example.net/db
mysql://root:«hunter22»@127.0.0.2:3306/app
amqp://guest:«gu3st9»@rabbit:5672
https://user:«hunter22»@example.com/x
ftp://joe:«hunter22»@files.example.com
Server=db;Database=x;User Id=app;Password=«hunter22»;
Data Source=db;User ID=sa;Pwd=«hunter22»;Encrypt=true
DefaultEndpointsProtocol=https;AccountName=x;AccountKey=«{a86}==»;EndpointSuffix=core
Endpoint=sb://x.example.net/;SharedAccessKeyName=Root;SharedAccessKey=«{a43}=»
jdbc:postgresql://db/x?user=app&password=«hunter22»
host=db user=app password=«hunter22» dbname=x
postgresql+psycopg2://app:«hunter22»@db/x
-----BEGIN RSA PRIVATE KEY-----
«MIIE{a40}»
-----END RSA PRIVATE KEY-----
"private_key": "-----BEGIN PRIVATE KEY-----\\n«MIIE{a40}»\\n-----END PRIVATE KEY-----\\n"
https://x.example/cb?access_token=«{a24}»&state=1
https://x.example/?api_key=«{a24}»`,
  'email, held out': `
Please forward the invoice to «k.nakamura+billing@hotel-sakura.co.jp» by Friday
from: "O. Brännström" <«olle.brannstrom@uu.se»>
my old address («pete_99@yahoo.com.br») no longer works
User «r&d@labs.example.com» was locked out
Contacto: «maría.josé@correo.es»
https://shop.invalid/reset?user=«jane.doe%2Btest%40corp.example»&t=1
{"to":["«a.b@c.de»","«no-reply.user@firma.com.pl»"]}
git config user.email «linus@kernel.example»
«thomas.o-neil@council.gov.uk» asked for a refund
wyślij to na «j.kowalska@wp.pl», proszę`,
  'phone, held out': `
Ring me on «07911 123 456» after six
Meine Nummer: «0151/23456789»
Tel.: «+43 664 1234567» (mobil)
bel me op «+31 6 12345678»
Mon numéro est le «07 81 23 45 67»
llámame al «+52 55 1234 5678»
WhatsApp «+971 50 123 4567»
ring «+46 70-123 45 67»
telefon «+47 912 34 567»
phone: «+358 40 123 4567»
Tel «+420 601 123 456»
call «+353 85 123 4567» or text
«+1 (647) 555-0188» is the Toronto desk
my cell: «(917)555-0143»
SMS to «+234 803 123 4567»
hubungi «+62 812-3456-7890»
«+82 10-1234-5678» KakaoTalk
gọi «+84 91 234 56 78»
Zadzwoń: «+48 512 345 678»
ligue para «(21) 99876-5432»
«+90 532 123 45 67» numarasından arayın
τηλ. «+30 694 123 4567»
«+27 82 123 4567» South Africa
fax «+41 44 123 45 67»
«1 (212) 555-0191»
dial «+64 21 123 4567»
phone number «4155550187»
電話 «03-1234-5678»`,
  'card, held out': `
charged to «4539 1488 0343 6467» exp 09/27
MC «5425233430109903»
my Visa is «4556-7375-8689-9855»
amex «3714-496353-98431»
Discover «6011 0009 9013 9424»
kortnummer «5105 1051 0510 5100»`,
  'iban, held out': `
überweise auf «AT61 1904 3002 3457 3201»
IBAN «NL91ABNA0417164300»
compte «FR14 2004 1010 0505 0001 3M02 606»
«ES91 2100 0418 4502 0005 1332» es mi cuenta
conto «IT60 X054 2811 1010 0000 0123 456»
rek. «BE68 5390 0754 7034»
konto «SE45 5000 0000 0583 9825 7466»`,
  'id, bank accounts': `
BIC COBADEFFXXX Konto «532013000» BLZ «37040044»
routing number «021000021», account number «1234567890123»
my account number is «55779911»
Kontonummer: «0532013000»
numéro de compte «00012345678»
número de cuenta: «0200051332»
rekeningnummer «417164300»
numer konta «1140 2004 0000»
číslo účtu «19-2000145399»/0800
номер счёта «40817810099910004312»
口座番号 «1234567»`,
  'id, held out': `
my SSN is «078-05-1120»
Social Security Number: «219-09-9999»
NI number «AB 12 34 56 C»
DNI «12345678-Z»
CPF: «123.456.789-09»
codice fiscale «RSSMRA80A01H501U»
Personnummer «19811218-9876»
PAN card «ABCPE1234F»
Passport No. «X12345678»
Reisepass «C01X0006H»
Steuer-ID: «86 095 742 719»
numéro de sécurité sociale «2 84 05 88 423 157 45»
driver's license «D1234567» expires 2027
AVS «756.9217.0769.85»
Aadhaar «4991 1866 5246»`,
  'ip, held out': `
login from «203.0.113.77» failed
client «2001:db8:85a3::8a2e:370:7334» connected
X-Forwarded-For: «198.51.100.23», «10.1.2.3»
ssh root@«172.16.254.1»
peer [«fe80::1ff:fe23:4567:890a»]:22`,
  'secret, held out': `
OPENAI_API_KEY=«sk-proj-{a48}»
export ANTHROPIC_API_KEY="«sk-ant-api03-{a40}»"
Authorization: Bearer «{a40}»
curl -H "X-API-Key: «{a32}»" https://api.example.com
token: «ghp_{a36}»
use gho «gho_{a36}» for oauth
git clone https://oauth2:«glpat-{a20}»@gitlab.com/x/y.git
slack «xoxp-123456789012-123456789012-{a24}»
SLACK_APP_TOKEN=«xapp-1-A0123456789-1234567890123-{x64}»
stripe webhook «whsec_{a32}»
STRIPE_SECRET=«sk_test_{a24}»
AWS_ACCESS_KEY_ID=«AKIA{A16}»
aws_session_token = «{a120}»
AZURE_OPENAI_KEY: «{x32}»
"apiKey": "«AIza{a35}»",
REPLICATE_API_TOKEN=«r8_{a37}»
HF_TOKEN=«hf_{a34}»
pinecone «pcsk_{a50}»
LANGFUSE_SECRET_KEY="«sk-lf-{x8}-{x4}-{x4}-{x4}-{x12}»"
DATABASE_URL=postgresql://admin:«Tr0ub4dor&3»@db.prod.example.com:5432/app
mongodb+srv://app:«p4ssw0rd»@cluster0.abcde.mongodb.net/test
redis://default:«s3cretpass»@redis-12345.example.com:6379
mysql -u root -p«hunter2!» mydb
amqps://user:«rabbitPW9»@broker.example.com/vhost
password=«Sommer2024!»
Das Passwort ist «Katze123!»
my password: «letmein99»
pwd="«S3cr3t#42»"
clé secrète : «{a24}»
{"client_secret":"«{a40}»","grant_type":"client_credentials"}
DJANGO_SECRET_KEY = '«django-insecure-{a40}»'
JWT_SECRET=«{a32}»
cookie: session=«{a48}»; Path=/
SENDGRID: «SG.{a22}.{a43}»
npm config set //npm.example.com/:_authToken=«npm_{a36}»
DD_API_KEY=«{x32}»
the wifi password is «blue-horse-42»
my new pin code: «7391»
<password>«Geheim#1»</password>
Grafana token «glsa_{a32}_{x8}»
digitalocean «dop_v1_{x64}»
Linear «lin_api_{a40}»
notion «ntn_{a46}»
Cloudflare: CF_API_TOKEN=«{a40}»
eyJ JWT «eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyMSIsImlhdCI6MTUxNjIzOTAyMn0.{a43}»`,
};

export const INNOCENT: Readonly<Record<string, string>> = {
  numbers: `
Order 2026-11-29-000123
order number 100200300400
invoice 4155550132
Rechnung 2026/000123
ISBN 978-3-16-148410-0
ISBN 0-306-40615-2
EAN 4006381333931
price 1,234,567.89
0.123456789
SELECT 1 FROM t WHERE id=1000000001
1732838311123
1732838311
epoch 1732838311123456789
+1234567 points
score +12345678
math 012 345 678 9
numbers 0 1 2 3 4 5 6 7 8 9
[0, 1, 2, 3, 4, 5, 6, 7, 8]
fib 0 1 1 2 3 5 8 13 21
0123-4567-89 part no
tracking 1Z999AA10123456784
4242 points
phi 1.6180339887498948
pi 3.14159265358979323846
binary 0101010101010101
zip 01067 Dresden
section 1.2.3.4
SKU 0123456789
0000000000000000
phone model 3310
coords 48.137154, 11.576124
What is 12345678 * 87654321?
1234 5678 9012 3456
4111 1111 1111 1112
GB81WEST12345698765432
tokens=123456
max_tokens: 1000000
token limit: 128000
population 8 336 817
1 000 000 000 dollars
3,600,000 ms
12 345 678 rows
ticket #123456789
PR 10293
case 2024-123-4567
room 101-202
score 3-2, 4-1
pages 123-456
lot 55512345
serial SN-0012-3456-7890
customer 00012345
temperature -273.15
1e-10 and 6.022e23
0x0123456789
9999999999
100 200 300 400
line 1234567890`,
  versions: `
version 10.0.19041.1
v1.2.3.4
1.2.3.4 is version 1.2.3.4
npm i @scope/pkg@1.2.3
node v20.19.0
hf-transformers-4.40.1
npm-run-all-4.1.5
sk-learn-1.2.3-whatever
Chrome/120.0.6099.109
version 1.2.3 and 10.20.30
python>=3.11,<4
gpt-4o-2024-08-06
claude-3-5-sonnet-20241022
release 2024.11.29
firmware 7.0.1.5
build 19041.1.2`,
  dates: `
2026-11-29T00:18:31.123Z
01.02.2026 10:30
10:30:45
12:34:56:78
05/06/2026 12:00
2024-01-01 - 2024-12-31
0800 - 1700 hours
0800-1730
2026-01-01T00:00:00+01:00
tz +0100 2026
UTC+05:30 offset
29.11.2026
20261129
2026-W48
from 1999 to 2024
Mon, 01 Jan 2024 00:00:00 GMT
0900-1200, 1300-1700
01-02-2026 03-04-2026
1985-10-26 01:21:00
2024/02/29 23:59:59`,
  ids: `
uuid 123e4567-e89b-12d3-a456-426614174000
git sha 3f786850e387550fdab836ed7e6dc881de23001b
0123456789abcdef
0af7651916cd43dd8448eb211c80319c
3f2504e0-4f89-41d3-9a0c-0305e82c3301
00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
chatcmpl-9abcDEF123ghiJKL456
run_abc123def456
thread_x1y2z3
SG-2024-000123456
gsk_report_2024
rk-2024-order-000123
pk-12345-abcdefghijkl
sha256:abc
msg_01XFDUDYJgAACzvnptvVoYEL
toolu_01A09q90qw90lq917835lq9
01ARZ3NDEKTSV4RRFFQ69G5FAV
507f1f77bcf86cd799439011
etag "33a64df551425fcc55e4d42a148795d9f25f89d4"
commit a1b2c3d
file-abc123
5f4dcc3b5aa765d61d8327deb882cf99
call_1a2b3c4d5e
INC0012345
JIRA-12345`,
  code: `
std::vector<int>
a::b
::1
dead::beef code
@decorator.method
user@localhost
git@github.com:a/b.git
const token = getToken()
token: string
let password = prompt("x")
password: string;
secret = os.environ["SECRET"]
api_key=os.getenv("X")
access_token: undefined
csrfToken:null
"token": "<your token here>"
password: \${DB_PASSWORD}
password: process.env.PASSWORD
token=$TOKEN
apiKey: config.apiKey
api_key: str
def login(user, password):
if (password === confirm) {
class="token keyword-something"
$ pwd
pwd: /home/user/project
SELECT password FROM users
<input type="password" name="password">
type Token = { kind: string }
password: ********
"password": null
token = tokenizer.encode(text)
secret: !Ref MySecret
key: value
std::string key = "name";
for (i = 0; i < 1000000; i++)
mask ffff:ffff:ffff:ffff::
Bad::Cafe
IP 999.1.1.1
999.999.999.999
e = mc2
function pass() {}
password = input("Password: ")
import { token } from "./token"
tokens: [101, 2023, 2003]
x = y@z
a@b
const key = Object.keys(map)[0]
map.get("token")
primary key: id
foreign_key: user_id
public_key: none
partition key = tenant`,
  urls: `
http://localhost:8080/a
https://example.com/a/0123456789?x=0987654321
https://example.com/orders/100200300
https://github.com/a/b/pull/12345
https://example.com/2024/11/29/post-123456789
https://www.youtube.com/watch?v=dQw4w9WgXcQ
https://example.com:8443/x?page=2&limit=100
file:///home/ada/x.txt
https://docs.example.com/v1.2.3/#section-4.5.6
s3://bucket/key/0000001.parquet
https://example.com/p/978316148410
http://example.com/?t=1732838311
https://x.example/a?sort=-created_at&id=77
doi:10.1000/182
arXiv:2301.12345
https://doi.org/10.1038/s41586-020-2649-2`,
  prose: `
The password is required
password is incorrect
Das Passwort ist falsch
Mein Passwort ist weg
the secret is: patience and time
my secret is patience
Basic understanding=good
bearer of news 1234567890
secret santa: everyone
How do I reset my password?
I forgot my password.
The token is expired.
Basic understanding of tokens
What is an API key?
The API key is missing
token: a unit of text
Password: required
password: at least 8 characters
The passport office opens at 9
Enter your PIN, please
The secret to success: work
Who is at 10 Downing Street?
§ 12 Abs. 3 BGB
schreibt Größe 1:1
Meet me at 5
in 2024 we sold 1234567 units
call me maybe
call it 42
my number one reason
phone numbers have 10 digits
an IBAN has up to 34 characters
SSN stands for social security number
The DNI is a document
the key to the house
pass the salt
pass: fail ratio
the pin dropped
credit card payments rose 12 %
IPv4 has 4294967296 addresses
127 people, 255 seats
the cookie: chocolate
He scored 1,000,000 points
Room 4155, floor 55
π ≈ 3.14159265358979
I am 34 and weigh 70 kg
The token was accepted
authorization: required
a bearer token is a token`,
  'orders, held out': `
Order 2024-000123456 shipped on 12 March
Invoice INV-20240917-0042 is overdue
Tracking number 1Z999AA10123456784
Your ticket #4839201 was merged into #4839177
part no. 06-1234-5678-90
Room 204, seat 14C, flight LH 1234
SKU: ABX-99812-44`,
  'numbers, held out': `
The population was 1 402 112 000 in 2020
Revenue rose from 12,345,678 to 98,765,432 dollars
pi is about 3.141592653589793
2^32 = 4294967296
temperature: 0.7, top_p: 0.95, max_tokens: 4096
The checksum 0xDEADBEEF does not match
1000000007 is a prime often used in contests
Unix time 1718000000 is in June 2024
ratio 16:9, 1920x1080 @ 60 Hz
between 1990 and 2005 there were 12 000 cases`,
  'versions, held out': `
upgrade from 2.14.0.1 to 3.0.0-rc.1
Chrome/126.0.6478.127 Safari/537.36
node v20.20.2, npm 10.8.2
section 4.2.1.3 of the manual
kernel 5.15.0-113-generic
python==3.11.9 numpy==1.26.4`,
  'dates, held out': `
The meeting is on 2024-05-17 10:30:00
01.02.2023 - 28.02.2023
2024-05-17T10:30:00.123456Z
open 08:00-12:00 and 13:00-17:30
Q3/2024 vs. Q4/2023`,
  'code, held out': `
const token = await getToken(user);
if (password.length < 8) throw new Error('too short');
SELECT id, email FROM users WHERE id = $1;
import { secret } from './config';
commit 3f786850e387550fdab836ed7e6dc881de23001b
apiKey?: string;
<input type="password" name="password" />
process.env.OPENAI_API_KEY
docker run -p 8080:80 nginx:1.27
@Injectable() export class AuthGuard {}
npm i @types/node@20
color: #1a2b3c; margin: 0 10px 20px 30px
sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
std::vector<std::pair<int, int>>
a::b::c is a path in Rust
docker.io/library/redis:7.2@sha256
printf("%d %s\\n", 10, "abc");`,
  'prose, held out': `
The token count was too high.
What is the secret of a good sauce?
Passwords should be at least 12 characters long
The key to success is practice.
Call me maybe, said the singer.
Meet me @ the station at 5
ratio of 3:2, see page 12-14
Section 8(1) of the Act of 1998
Ein Pin ist keine Nadel.
She scored 100 points in 2 games, 48 rebounds
Bake at 180 °C for 25-30 minutes
The access token expires after 3600 seconds
Use the api key that you got by mail.
My secret is that I love old movies
Basic authentication is not recommended`,
  'urls, held out': `
https://www.example.com/articles/2024/05/17/123456789
https://example.com/watch?v=dQw4w9WgXcQ
http://localhost:3000/api/v1/users/42
s3://my-bucket/data/part-00000-of-00010.parquet
urn:isbn:0451450523
arn:aws:s3:::my-bucket/*
mailto links are described in RFC 6068
see https://docs.example.org/en/latest/auth.html#token`,
};
