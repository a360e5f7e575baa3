/** Words before a phone number, by language. A space stands for a space, a hyphen, an underscore or nothing. */
export const PHONE_NAMES: Readonly<Record<string, string>> = {
  English:
    "tel|telephone|phone|phones|phone number|phone no|mobile|mobile number|mob|cell|cellphone|cell phone|fax|landline|hotline|helpline|extension|contact number|contact no|call|call me|call us|ring|ring me|dial|text|text me|whatsapp|signal|sms|telegram|viber|wechat|line id|imessage|facetime|reach|contact|switchboard|my number|his number|her number|our number|their number|number is|number's|new number",
  German:
    'telefon|telefonnummer|tel.-nr|mobil|mobilnummer|mobilfunk|handy|handynummer|rufnummer|ruf|anruf|anrufen|festnetz|natel|meine nummer|deine nummer|ihre nummer|seine nummer|neue nummer|erreichbar|erreichen|erreichst|durchwahl|telefonisch|unter der nummer',
  French:
    'téléphone|tél|portable|mobile|numéro de téléphone|mon numéro|son numéro|ton numéro|votre numéro|joignable|appelez|appelle|appeler|rappeler|rappelez|fixe|gsm|télécopie',
  Spanish:
    'teléfono|teléfonos|tfno|tlf|tlfno|tfn|móvil|celular|cel|mi número|su número|tu número|nuestro número|número de contacto|llámame|llámeme|llamar|llame|llama|llamadme|fijo|guasap|wasap|contacto',
  Italian:
    'telefono|cellulare|cell|fisso|il mio numero|mio numero|suo numero|recapito|chiamami|chiamare|chiamate|chiamatemi|mobile|utenza',
  Portuguese:
    'telefone|telemóvel|telemovel|celular|fone|meu número|meu numero|seu número|contato|contacto|ligue|liga|ligar|zap|zapzap|fixo|tlm',
  Dutch: 'telefoon|telefoonnummer|mobiel|mobiele nummer|gsm|bel me|bel|bellen|mijn nummer|tel.nr|0-nummer',
  Nordic:
    'tlf|telefon|mobil|mobilnummer|mobilnr|telefonnr|mitt nummer|mit nummer|nummeret mitt|ring|ringa|ringe|slå|puh|puhelin|puhelinnumero|puhelinnumeroni|numeroni|kännykkä|matkapuhelin|soita|sími|símanúmer|símanúmerið|gsm',
  Polish:
    'telefon|telefonu|tel. kom|tel kom|komórka|komórkowy|komórki|numer telefonu|mój numer|numer mojej|numer mojego|numer do|mój nr|zadzwoń|zadzwonić|dzwonić|kom',
  'Czech, Slovak':
    'telefon|telefón|telefonní číslo|telefónne číslo|mobil|mobilní|moje číslo|mé číslo|číslo na mě|zavolej|zavolejte|zavolajte|volejte|volajte|volat',
  Hungarian: 'telefon|telefonszám|telefonszámom|mobil|mobilszám|számom|hívj|hívjon|hívjanak|elérhető',
  'Romanian, Bulgarian':
    'telefon|telefonul|mobil|număr de telefon|numărul meu|sună|sunați|sunați-mă|телефон|тел|телефонен номер|мобилен|номерът ми|номера ми|обадете се|звънни',
  'Croatian, Serbian, Slovenian':
    'telefon|telefona|mobitel|mobilni|moj broj|broj telefona|broj mobitela|nazovite|zovi|pozovite|моj број|мој број|број телефона|мобилни|telefonska številka|moja številka|pokličite|gsm',
  Baltic:
    'telefon|telefoni|telefoninumber|mobiil|helista|minu number|tālrunis|tālr|mobilais|mans numurs|zvaniet|telefonas|tel. nr|mobilusis|mano numeris|skambinkite',
  'Greek, Turkish':
    'τηλ|τηλέφωνο|τηλεφωνο|κινητό|κινητο|κιν|σταθερό|ο αριθμός μου|αριθμός μου|καλέστε|πάρε με|telefon|telefonum|telefon numaram|telefon numarası|cep|cep telefonu|cebim|gsm|numaram|numaramız|beni ara|arayın|ara',
  Slavic:
    'тел|телефон|телефона|телефону|моб|мобильный|мобильник|мобилка|мобільний|мой номер|мій номер|номер телефона|номер телефону|звоните|звони|позвони|позвоните|перезвоните|набери|дзвоніть|подзвони|телефонуйте|вайбер|ватсап|сотовый|ұялы|телефоным|нөмірім',
  Semitic:
    'هاتف|الهاتف|هاتفي|رقم الهاتف|رقم هاتفي|جوال|الجوال|جوالي|رقم الجوال|رقم جوالي|موبايل|الموبايل|محمول|رقمي|رقمي هو|اتصل|اتصل بي|اتصلوا|تلفون|تليفون|واتساب|واتس|טלפון|הטלפון|הטלפון שלי|נייד|סלולרי|פלאפון|מספר הטלפון|המספר שלי|התקשרו|תתקשר|ווטסאפ|تلفن|شماره تلفن|موبایل|همراه|شماره من|شماره همراه',
  'South Asian':
    'मोबाइल|मोबाईल|फ़ोन|फोन|मेरा नंबर|नंबर|फ़ोन नंबर|মোবাইল|ফোন|আমার নম্বর|நம்பர்|தொலைபேசி|ఫోన్|فون|فون نمبر|موبائل|نمبر',
  'Southeast Asian':
    'โทร|โทรศัพท์|เบอร์|เบอร์โทร|เบอร์โทรศัพท์|มือถือ|เบอร์มือถือ|điện thoại|số điện thoại|sđt|đt|di động|gọi|số của tôi|hp|nomor hp|no hp|no. hp|no telp|telp|telepon|nomor telepon|nomor saya|nomor wa|no wa|wa|hubungi|telefon bimbit|no tel|no telefon|cp no|cp number|numero ko|tawagan',
  'East Asian':
    '手机|手机号|手机号码|手機|手機號碼|电话|电话号码|電話|電話番号|電話號碼|联系电话|联系方式|聯絡電話|座机|固话|携帯|携帯番号|携帯電話|ケータイ|お電話|お問い合わせ|お問合せ|連絡先|番号は|전화|전화번호|핸드폰|휴대폰|휴대전화|연락처|휴대폰번호|폰번호|내 번호|제 번호',
  African:
    'simu|namba ya simu|nambari ya simu|namba yangu|piga|foon|selfoon|selnommer|telefoonnommer|my nommer|ucingo|inombolo yami|lambar waya|wayata|nọmba',
};
