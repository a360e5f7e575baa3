import { seededRandom } from '../../../support/random-trace.js';

/** Texts with known topics, in several languages. */

/** Sentences around the words of a topic, which are all of one language: `{}` stands for them. */
interface Language {
  readonly frames: readonly string[];
  readonly topics: Readonly<Record<string, readonly string[]>>;
}

export const LANGUAGES = {
  en: {
    frames: [
      'How do I {} please?',
      'I would like to know about {} because it is not what I thought',
      'Can you help me with {} and tell me what I have to do',
      'What is the best way to {} when there is a problem with it',
      'Hello, my question is about {} and I have been waiting for this since Monday',
      'There was something wrong with {} so could you look at that for me',
    ],
    topics: {
      refund: [
        'get a refund for my order',
        'the refund of the payment',
        'money back for the returned order',
        'refund the payment for an order',
      ],
      password: [
        'reset my password',
        'the password for my account login',
        'change the login password',
        'a password that the login refuses',
      ],
      invoice: [
        'download the invoice as pdf',
        'the invoice with the wrong vat number',
        'vat on an invoice',
        'an invoice in pdf for accounting',
      ],
      shipping: [
        'track the parcel and its delivery',
        'a delivery that is late',
        'the parcel with the courier',
        'the courier and the delivery date',
      ],
    },
  },
  de: {
    frames: [
      'Wie kann ich {} bitte?',
      'Ich möchte wissen, was ich bei {} machen muss, weil es nicht geht',
      'Können Sie mir mit {} helfen und mir sagen, was zu tun ist',
      'Was ist der beste Weg für {}, wenn es ein Problem damit gibt',
      'Guten Tag, meine Frage ist zu {} und ich warte schon seit Montag darauf',
      'Da war etwas falsch mit {}, könnten Sie sich das für mich ansehen',
    ],
    topics: {
      kündigung: [
        'die Kündigung von meinem Vertrag',
        'den Vertrag mit einer Kündigung beenden',
        'die Frist der Kündigung',
        'die Frist im Vertrag',
      ],
      termin: [
        'einen Termin beim Arzt',
        'den Termin in der Praxis verschieben',
        'die Praxis und den Arzt',
        'der Termin beim Arzt in der Praxis',
      ],
      lieferung: [
        'die Lieferung von dem Paket',
        'das Paket vom Zusteller',
        'die Lieferung durch den Zusteller',
        'ein Paket in der Lieferung',
      ],
    },
  },
  ja: {
    frames: [
      '{}について教えてください。',
      '{}の方法が分かりません。',
      'すみません、{}に問題があります。',
      '{}はどうすればいいですか。',
    ],
    topics: {
      返金: ['注文の返金', '返金と注文の取り消し', '商品の返金', '注文した商品の返金'],
      パスワード: [
        'パスワードの変更',
        'ログインのパスワード',
        'アカウントのパスワードとログイン',
        'アカウントへのログイン',
      ],
      配送: ['荷物の配送', '配送の日時と荷物', '荷物の到着と配送', '到着の日時'],
    },
  },
  ar: {
    frames: [
      'كيف يمكنني {} من فضلك؟',
      'أريد أن أعرف عن {} لأن هذا لا يعمل',
      'هل يمكنك مساعدتي في {} على هذا الموقع',
      'لدي مشكلة مع {} منذ أمس',
    ],
    topics: {
      فاتورة: ['تحميل فاتورة ضريبة', 'دفع فاتورة كهرباء', 'فاتورة كهرباء جديدة', 'ضريبة على فاتورة'],
      رحلة: ['حجز رحلة طيران', 'تذكرة رحلة طيران', 'تذكرة طيران', 'حجز تذكرة رحلة'],
      وصفة: ['وصفة كعكة شوكولاتة', 'طبخ كعكة شوكولاتة', 'وصفة طبخ', 'كعكة شوكولاتة'],
    },
  },
} as const satisfies Readonly<Record<string, Language>>;

export type LanguageName = keyof typeof LANGUAGES;

export interface SeededText {
  readonly id: string;
  readonly userId: string;
  readonly text: string;
  readonly language: LanguageName;
  readonly topic: string;
}

/** Texts of some languages, in equal parts or by weight. */
export function seededTexts(
  count: number,
  weights: Readonly<Partial<Record<LanguageName, number>>>,
  seed = 1,
): readonly SeededText[] {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: count }, (_, index) => {
    let rest = random() * total;
    const language =
      (Object.keys(weights) as LanguageName[]).find((name) => (rest -= weights[name] ?? 0) < 0) ?? 'en';
    const { frames, topics }: Language = LANGUAGES[language];
    const topic = pick(Object.keys(topics));
    const text = pick(frames).replace('{}', pick(topics[topic] ?? []));
    return {
      id: `${seed}-${index}`,
      userId: `person ${Math.floor(random() * (count / 3))}`,
      text,
      language,
      topic,
    };
  });
}

/** Texts of about 600 characters: one of a topic, and words of a vocabulary of thousands, the first ones most often. */
export function longTexts(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  const filler = (): string =>
    `w${Math.floor(4000 ** random())
      .toString(36)
      .replace(/\d/g, 'q')}ord`;
  return seededTexts(count, { en: 3, de: 1 }, seed).map(({ text }) => {
    const words: string[] = [text];
    for (let length = text.length; length < 600; length += 8) words.push(filler());
    return words.join(' ').slice(0, 600);
  });
}
