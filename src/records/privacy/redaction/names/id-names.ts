/** Names of numbers of persons, by country. A space stands for a space, a hyphen, an underscore or nothing. */
export const ID_NAMES: Readonly<Record<string, string>> = {
  general:
    "passport|national id|national identity|identity card|identity number|identity document|id number|id card|id no|citizen id|personal id|personal number|personal identity|personal code|identification number|taxpayer id|taxpayer identification|tax id|tax number|tax identification|tax file|tax reference|tax code|vat id|vat reg|vat registration|vat number|vat no|social insurance|social security|health card|health insurance|health number|patient number|driver license|driver licence|drivers license|drivers licence|driver's license|driver's licence|driving license|driving licence|licence|license|licence number|license number|licence no|license no|residence permit|residence card|work permit|visa number|visa no|voter id|voter card|membership card|insurance number|student id|employee id|employee number|military id|patient id|medical record|medical record number|policy number|policy no|insurance policy",
  'bank accounts':
    'account number|account no|bank account|checking account|savings account|acct no|acct number|routing number|routing no|aba routing|kontonummer|kontonr|konto nr|konto|bankleitzahl|blz|bankverbindung|compte bancaire|numéro de compte|n° de compte|cuenta bancaria|número de cuenta|cuenta corriente|clabe|cbu|conta bancária|conta corrente|número da conta|conto corrente|numero di conto|rekeningnummer|bankrekening|numer konta|nr konta|numer rachunku|číslo účtu|kontonummeret|tilinumero|számlaszám|номер счета|номер счёта|расчетный счет|расчётный счёт|рахунок|hesap numarası|hesap no|銀行口座|口座番号|银行账号|銀行帳號|계좌번호|nomor rekening|no rekening|số tài khoản',
  'United States':
    'ssn|social security|ssns|itin|ein|employer identification|medicare|medicaid|npi|mbi|green card|alien registration|a-number|uscis|state id',
  'United Kingdom, Ireland':
    'nino|ni number|ni no|national insurance|nhs|utr|unique taxpayer reference|ppsn|pps number|pps no|pps|crn|dvla',
  'Canada, Australia, New Zealand':
    'social insurance number|tfn|tax file number|abn|acn|medicare card|medicare number|crn|ird|ird number|nhi|nhi number|ohip|ramq|assurance sociale|carte santé|assurance maladie',
  'Germany, Austria':
    'steuer id|steueridentifikation|steueridentifikations|steuer identifikations|steuerliche identifikations|steuer|umsatzsteuer|umsatzsteuer id|umsatzsteuer identifikations|ust id|ust idnr|uid|idnr|id nr|reisepass|pass|personalausweis|ausweis|führerschein|sozialversicherungs|sozialversicherung|sv|svnr|rentenversicherungs|rentenversicherung|krankenversicherten|krankenversicherungs|krankenkassen|versicherten|versicherungs|aufenthaltstitel|identitätskarte|e card|perso|personen|ahv|ahvn13',
  'France, Belgium, Switzerland':
    "insee|nir|caf|allocataire|numéro d'allocataire|n° ss|no ss|sécurité sociale|sécu|secu|passeport|permis de conduire|permis|carte vitale|carte d'identité|carte nationale d'identité|cni|pièce d'identité|titre de séjour|carte de séjour|numéro fiscal|identifiant fiscal|numéro national|registre national|siren|siret|tva|tva intracommunautaire|niss|rijksregister|insz|avs|no avs|ahv",
  'Spain, Latin America':
    'dni|nie|nif|cif|nss|número de la seguridad social|seguridad social|pasaporte|carnet de conducir|carné de conducir|permiso de conducir|licencia de conducir|licencia|carnet|carné|documento|documento nacional|documento de identidad|tarjeta sanitaria|tarjeta de identidad|cédula|cédula de ciudadanía|cédula de identidad|cédula de extranjería|curp|clave de elector|ine|imss|rut|cuit|cuil|c.c.|c.i.|nuip|tarjeta profesional|ruc|ruc n|rif|dui|dpi|cui|nite|número de identificación|identificación|identificación fiscal|nif iva|libreta militar|número de afiliación|número fiscal',
  'Portugal, Brazil':
    'cpf|cnpj|rg|r.g.|cnh|pis|pis pasep|nis|nit|ctps|título de eleitor|carteira de trabalho|carteira de identidade|carteira de motorista|identidade|passaporte|cartão de cidadão|cartão do cidadão|contribuinte|número de contribuinte|nif|niss|segurança social|número de utente|utente|bilhete de identidade|carta de condução|cns|cartão sus',
  Italy:
    "codice fiscale|cod. fisc.|cod fiscale|c.f.|cf|carta d'identità|carta di identità|passaporto|patente|patente di guida|tessera sanitaria|partita iva|p.iva|p. iva|p iva|permesso di soggiorno|numero di previdenza",
  'Netherlands, Luxembourg':
    'bsn|burgerservice|burger service|sofi|paspoort|rijbewijs|identiteitskaart|id kaart|btw|btw nr|kvk|matricule',
  'Sweden, Norway, Denmark, Finland, Iceland':
    'personnummer|samordningsnummer|organisationsnummer|pass|körkort|fødselsnummer|fnr|personnr|d nummer|førerkort|cpr|kørekort|sundhedskort|cvr|henkilötunnus|hetu|passi|passin|ajokortti|ajokortin|kennitala|kt.|vegabréf|körkorts|pas|kørekortnummer|førerkortnummer',
  'Poland, Czech Republic, Slovakia':
    'pesel|nip|regon|dowód osobisty|dowodu osobistego|dowodu|dowód|seria i numer|paszport|paszportu|prawo jazdy|prawa jazdy|rodné číslo|rodného čísla|r.č.|občanka|občanky|občanský průkaz|občanského průkazu|občianský preukaz|občianskeho preukazu|číslo op|číslo dokladu|cestovní pas|cestovního pasu|pasu|řidičský průkaz|řidičského průkazu|vodičský preukaz|ičo|dič|ič dph',
  'Hungary, Romania, Bulgaria':
    'szem. ig|szem ig|szig|személyi igazolvány|személyi szám|személyi|személyazonosító|útlevél|útlevélszám|adóazonosító|adóazonosító jel|adószám|adószámom|taj|taj szám|jogosítvány|cnp|cnp ul|buletin|buletinul|carte de identitate|cod numeric personal|pașaport|pasaport|permis de conducere|cif|cui|егн|лична карта|личен номер|паспорт|шофьорска книжка|егн то|egn',
  'Croatia, Serbia, Slovenia, Bosnia, Macedonia, Albania':
    'oib|jmbg|jmbg broj|emšo|emso|osobna iskaznica|broj osobne|broj osobne iskaznice|putovnica|broj putovnice|vozačka dozvola|lična karta|broj lične karte|broj lk|pasoš|broj pasoša|osebna izkaznica|potni list|davčna|davčna številka|vozniško dovoljenje|јмбг|лична карта|број личне карте|пасош|матични број|матичен број|емшо|едб|пиб|pib|nipt|letërnjoftim|pasaporta|numri personal',
  'Estonia, Latvia, Lithuania':
    'isikukood|isikukoodiga|ik|pass|juhiluba|personas kods|personas kodu|pases numurs|pase|vadītāja apliecība|asmens kodas|asmens kodo|a.k.|paso|paso numeris|pasas|vairuotojo pažymėjimas',
  'Greece, Cyprus, Malta':
    'afm|αφμ|α.φ.μ.|amka|αμκα|α.μ.κ.α.|ταυτότητα|αριθμός ταυτότητας|αρ. ταυτότητας|αδτ|α.δ.τ.|διαβατήριο|αριθμός διαβατηρίου|αρ. διαβατηρίου|δίπλωμα οδήγησης|identity card malta|karta tal identità',
  'Turkey, Azerbaijan':
    'tckn|tc kimlik|tc kimlik no|t.c. kimlik no|kimlik|kimlik no|kimlik numarası|kimlik numaram|tc no|tc|pasaport|pasaport no|ehliyet|ehliyet no|vergi no|vergi|vergi kimlik|vkn|sgk|fin kod|şəxsiyyət vəsiqəsi|vəsiqə',
  'Russia, Ukraine, Belarus, Kazakhstan':
    'паспорт|паспорта|паспорт серия|серия и номер|серия|паспорт гражданина|загранпаспорт|снилс|инн|огрн|огрнип|кпп|омс|полис|полис омс|водительское удостоверение|водительских прав|удостоверение|удостоверение личности|права|ву|іпн|інн|рнокпп|податковий номер|ідентифікаційний код|ідентифікаційний номер|паспорт громадянина|id картка|єдрпоу|водійське посвідчення|посвідчення|иин|жсн|бин|личный номер|ідэнтыфікацыйны нумар|snils|inn|rnokpp|ipn|iin',
  Arabic:
    'رقم الهوية|رقم الهوية الوطنية|الهوية الوطنية|هوية رقم|الهوية|رقم الإقامة|الإقامة|إقامة|الرقم القومي|الرقم الوطني|رقم قومي|رقم وطني|رقم البطاقة|رقم بطاقة الهوية|البطاقة الشخصية|بطاقة شخصية|بطاقة الهوية|البطاقة الشخصية|بطاقة شخصية|البطاقة الوطنية|البطاقة المدنية|الرقم المدني|رقم مدني|بطاقة التعريف|بطاقة التعريف الوطنية|رقم الجواز|رقم جواز السفر|جواز السفر|جواز سفر|رخصة القيادة|رقم رخصة القيادة|الرقم الضريبي|رقم التأمين|iqama|iqama number|emirates id|civil id|qid|qatar id|cnie|cnrps|carte cin',
  'Israel, Iran':
    'תעודת זהות|מספר תעודת זהות|ת.ז.|ת.ז|ת"ז|תז|מספר זהות|דרכון|מספר דרכון|רישיון נהיגה|teudat zehut|tz|israeli id|کد ملی|کدملی|شماره ملی|شماره پاسپورت|شماره گذرنامه|گذرنامه|code melli|kode melli|melli',
  'India, Pakistan, Bangladesh, Sri Lanka, Nepal':
    'aadhaar|aadhar|adhaar|aadhaar card|uidai|uid|vid|pan card|pan number|pan no|permanent account|voter id|epic no|epic|gstin|gst|gst no|ration card|dl no|abha|uan|uan number|आधार|आधार कार्ड|आधार संख्या|पैन|पैन कार्ड|पासपोर्ट|मतदाता पहचान|ড্রাইভিং লাইসেন্স|জাতীয় পরিচয়পত্র|এনআইডি|পাসপোর্ট|ntn|cnic|nicop|snic|شناختی کارڈ|nid|nid no|brn|பாஸ்போர்ட்|ఆధార్|ஆதார்',
  'Thailand, Vietnam, Indonesia, Malaysia, Philippines, Singapore':
    'เลขบัตรประชาชน|บัตรประชาชน|เลขประจำตัวประชาชน|หมายเลขบัตรประชาชน|เลขที่บัตรประชาชน|เลขประจำตัวผู้เสียภาษี|พาสปอร์ต|หนังสือเดินทาง|เลขที่หนังสือเดินทาง|ใบขับขี่|cccd|cmnd|số cccd|số cmnd|căn cước|căn cước công dân|chứng minh nhân dân|chứng minh thư|hộ chiếu|số hộ chiếu|mã số thuế|mst|bhxh|giấy phép lái xe|gplx|nik|nik ktp|no ktp|ktp|nomor induk kependudukan|nomor ktp|npwp|no. ktp|paspor|nomor paspor|sim card no|bpjs|mykad|ic no|ic number|no ic|no. ic|no kad pengenalan|kad pengenalan|pasport|no pasport|nric|nric fin|fin no|umid|philsys|philhealth|sss|sss no|gsis|tin|tin no|pag ibig|prc|psn',
  'China, Hong Kong, Taiwan':
    '身份证|身份證|身分证|身分證|身份证号|身份证号码|身份證號碼|身分證字號|身分證號|證件號碼|证件号|证件号码|护照|护照号|护照号码|護照|護照號碼|驾驶证|驾照|駕照|駕駛執照|港澳通行证|通行证|居住证|居留证|社保号|社会保障号|统一社会信用代码|税号|健保卡|統一編號|統編|居留證|香港身份證|hkid|hkid card|arc|arc no',
  'Japan, Korea':
    'マイナンバー|個人番号|旅券|旅券番号|パスポート|パスポート番号|運転免許証|運転免許|免許証|免許証番号|在留カード|健康保険証|保険証|年金番号|基礎年金番号|住民票コード|my number card|individual number|주민등록|주민등록번호|주민번호|주민등록증|여권|여권번호|운전면허|운전면허번호|면허번호|외국인등록|외국인등록번호|사업자등록|사업자등록번호|사업자번호|법인등록번호|건강보험증|rrn|arc number',
  Africa:
    'nin|nin number|bvn|rsa id|sa id|south african id|ghana card|ghanacard|huduma|kra pin|nida|nssf|nhif|tpin|nrc|omang|id namba|kitambulisho|fayda|cin|nina|ssnit|identiteitsnommer|id nommer|paspoortnommer|inombolo kamazisi',
};

/** Names that are words of other meanings too: they count in capitals, or before a word or sign such as "number" or a colon. */
export const AMBIGUOUS_ID_NAMES =
  'SIN|NAS|RUN|FIN|PAN|NIT|NIP|IC|CC|CI|CE|TI|DL|DLN|CIN|NIN|TIN|RG|ID|INE|TAJ|CNP|NIS|SSS|SIM|UIN|BRP|PPS|TC|CF|SV|IK|ID-Nr|NIK|HN|MRN|DNI|CUI|UID|VID|PIS';

/** Parts of compounds such as "Reisepassnummer", and words between a name and its number. */
export const NUMBER_WORDS =
  'nummer|nummern|nr|number|no|num|nbr|número|numéro|numero|numarası|numaram|numara|numer|číslo|broj|број|номер|номером|№|n°|nº|n.º|č.|č|br|br.|бр|бр.|αριθμός|αριθμό|رقم|מספר|号|号码|號|號碼|番号|번호|字號|เลขที่|เลข|संख्या|नंबर|szám|száma|számom|numărul|număr|nomor|numero|code|id|card|kort|kortet|hakemisto|tunnus|numeris|numurs|serie|seria|séria|série|serija|series|серия';
