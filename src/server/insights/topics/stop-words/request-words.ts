/**
 * Words with which people ask, whatever it is about, by language: courtesy, question words, and function words that the other lists lack. In
 * lower case, separated by spaces. Words of one or two letters are no words here anyway.
 */
export const REQUEST_WORDS: Readonly<Record<string, string>> = {
  en:
    'please hello hey thanks thank sorry question questions help helps helping know tell want wanted wants need needed needs like looking look looks ' +
    'when why whose whom not don doesn didn can cannot couldn won isn aren wasn shouldn wouldn haven hasn does doing done may shall will let ' +
    'just really very also again once yet ever always maybe there here its itself she they them these those were been being few own than then though ' +
    'while until against during without within per via one two three first last something anything nothing everything someone anyone everyone thing things ' +
    'way ways best good better try trying tried use using used give gives given show shows explain work works working right wrong problem issue able ' +
    'going goes went come see say says said think thought find sure possible yes okay since ago today tomorrow yesterday now still lot bit kind sort see understand wonder wondering waiting',
  de:
    'bitte danke hallo guten tag morgen frage fragen hilfe helfen wissen sagen möchte möchten brauche will wollen kann können könnte könnten muss müssen ' +
    'soll sollen darf geht gehen gibt geben machen mache macht gemacht tun getan wie was wer wo wann warum wieso weshalb welche welcher welches nicht kein keine ' +
    'keinen ich wir sie ihr mir mich uns euch ihnen ihm ihn mein meine meinen meiner meinem eine einen einem einer ein der die das den dem des und oder aber weil wenn ' +
    'dass ist sind war waren wird werden wurde hat habe haben hatte mit von vom für zum zur bei nach seit aus auf über unter beim ins etwas alles nichts weg beste besten ' +
    'problem falsch richtig schon noch nur auch sehr hier dort heute gestern gerne mal',
  fr:
    'bonjour merci question aide aider svp plaît comment quoi quand pourquoi quel quelle combien veux voudrais peux peut pouvez puis dois doit faut faire fait ' +
    'est sont une des les aux pas plus que qui dans sur avec sans pour par mon mes ton vos votre notre leur elle ils elles nous vous moi cela cette ces tout tous ' +
    'très bien aussi encore déjà mais donc car meilleur meilleure problème besoin savoir dire dites avoir être chose comme entre depuis',
  es:
    'hola gracias favor pregunta ayuda ayudar ayudarme cómo qué quién cuándo dónde cuál cuánto porque quiero quisiera puedo puede pueden podría necesito tengo ' +
    'tiene hay hacer hago hace saber decir dime los las una unos unas del con sin por para sobre entre desde hasta mis sus este esta estos estas ese esa eso aquel que ' +
    'como más muy pero también nada algo todo todos toda cada ser está están estoy son era fue han sido nos les ellos ellas usted mejor problema forma manera cuando donde',
  it:
    'ciao buongiorno grazie favore domanda aiuto aiutare aiutarmi come cosa quando perché dove quale quanto voglio vorrei posso può potete devo deve bisogno fare ' +
    'sapere dire una degli delle della del per con senza tra fra questo questa quello non più molto anche ancora sono essere avere migliore modo problema',
  pt:
    'olá oi obrigado obrigada favor pergunta ajuda ajudar como que quem quando onde qual quanto porque quero queria posso pode preciso tenho tem fazer faço saber ' +
    'dizer uma uns umas dos das nos nas com sem por para sobre entre desde até meu minha seu sua este esta isso isto não mais muito mas também nada algo tudo todos ser ' +
    'está estou são era foi melhor problema forma maneira',
  nl:
    'hallo dank bedankt alstublieft vraag hulp helpen hoe wat wie wanneer waarom waar welke wil graag kan kunnen moet moeten heb heeft hebben doen weten zeggen een het ' +
    'van voor met zonder naar mijn onze jullie deze dit dat niet geen meer ook nog zeer beste probleem manier',
  pl: 'proszę dziękuję dzień dobry pytanie pomoc pomóc jak kiedy dlaczego gdzie chcę chciałbym mogę muszę jest nie tak dla się problem',
  ru: 'привет здравствуйте спасибо пожалуйста вопрос помощь помогите как когда почему где зачем хочу хотел можно нужно надо могу для это что при или проблема',
  tr: 'merhaba teşekkürler lütfen soru yardım nasıl neden nerede istiyorum gerekiyor için bir var yok mı sorun',
  zh:
    '请问 你好 谢谢 怎么 怎样 什么 如何 为什么 哪里 哪个 多少 可以 能够 需要 想要 告诉 帮助 问题 我们 你们 他们 这个 那个 这些 那些 一个 一些 没有 不能 不是 因为 所以 ' +
    '如果 但是 还是 或者 以及 关于 应该 知道 怎么办 时候 现在 已经',
  ja:
    'ください 下さい 教え 方法 分かり わかり ません ます です でし たい どう いい よい 良い 問題 すみません お願い ありがとう こんにちは 何 どこ いつ なぜ どの どれ ですか ましょう ' +
    'について に関して あり でき できる する した して しま しよう それ あれ ここ そこ',
  ko: '안녕하세요 감사합니다 주세요 어떻게 무엇 왜 언제 어디 있나요 있습니까 합니다 하는 하고 싶어요 싶습니다 알려 방법 문제 질문 저는 제가 나는 대해 대한',
  ar:
    'كيف ماذا لماذا متى أين هل من إلى على عن في مع هذا هذه ذلك التي الذي أريد أرغب يمكن يمكنني يمكنك أستطيع فضلك شكرا مرحبا سؤال مساعدة مساعدتي أن لا لم لن ما لدي منذ لأن أعرف ' +
    'كان يكون هو هي أنا نحن أو ثم بعد قبل كل أي مشكلة يعمل أمس',
  hi: 'कैसे क्या क्यों कब कहाँ कृपया धन्यवाद नमस्ते मुझे मेरा मेरी मेरे चाहिए सकता सकते सकती हूँ है हैं करें मदद सवाल समस्या',
  he: 'איך מה למה מתי איפה האם בבקשה תודה שלום אני רוצה צריך יכול אפשר לדעת עזרה שאלה בעיה',
  th: 'อย่างไร อะไร ทำไม เมื่อไหร่ ที่ไหน ได้ไหม ครับ ค่ะ ขอ ช่วย ต้องการ ปัญหา คำถาม',
};
