import { describe, expect, test } from 'vitest';
import { PERSONAL_DATA_KINDS } from '../../../../src/records/privacy/redaction/personal-data-kind.js';
import { redactText } from '../../../../src/records/privacy/redaction/personal-data.js';

const KINDS = new Set(PERSONAL_DATA_KINDS);
const redact = (text: string) => redactText(text, KINDS);

/** Invented numbers, and one of each with a wrong check digit. Their check digits were computed apart from the code that is tested. */
const WITH_CHECK_DIGITS: readonly (readonly [country: string, valid: string, wrong: string])[] = [
  ['Brazil', '11144477735', '11144477731'],
  ['Argentina', '20-30405060-9', '20-30405060-8'],
  ['Spain', '12345678Z', '12345678T'],
  ['Spain, foreigner', 'X1234567L', 'X1234567M'],
  ['France', '185077511608408', '185077511608409'],
  ['Poland', '92031512342', '92031512343'],
  ['Romania', '1850312123457', '1850312123458'],
  ['Sweden', '920315-2344', '920315-2345'],
  ['Sweden, with the century', '19920315-2344', '19920315-2345'],
  ['Finland', '240785-431Y', '240785-431X'],
  ['Czech Republic', '855126/3006', '855126/3007'],
  ['China', '440106199203152343', '440106199203152344'],
  ['Turkey', '48392017442', '48392017441'],
  ['Singapore', 'S9281736I', 'S9281736J'],
  ['Singapore, since 2000', 'T9281736E', 'T9281736F'],
  ['Singapore, foreigner', 'F9281736U', 'F9281736V'],
  ['South Africa', '9203155234082', '9203155234083'],
  ['India', '4987 3216 5402', '4987 3216 5403'],
  ['Japan', '4829 1736 5029', '4829 1736 5028'],
  ['Spain, with dots', '71.936.284-N', '71.936.284-A'],
  ['Estonia', '49702275774', '49702275771'],
  ['Lithuania', '38502123845', '38502123841'],
  ['Bulgaria', '6503219516', '6503219511'],
  ['Croatia', '57 934 788 167', '57 934 788 161'],
  ['Germany, in groups', '21 808 868 493', '21 808 868 491'],
  ['Slovenia', '2006989503150', '2006989503151'],
  ['Serbia', '1807988713460', '1807988713461'],
  ['Belgium', '79071418239', '79071418231'],
  ['Ireland', '7578483UA', '7578483UB'],
  ['Austria', '8325 210977', '8325 210971'],
  ['Chile, without dots', '30006178-8', '30006178-1'],
  ['Thailand', '7-4140-80055-72-6', '7-4140-80055-72-1'],
  ['Taiwan', 'A123456789', 'A123456781'],
  ['Hong Kong', 'K436921(1)', 'K436921(2)'],
  ['Russia, insurance', '112-233-445 95', '112-233-445 91'],
  ['Kazakhstan', '840714301004', '840714301001'],
  ['Canada', '188-138-259', '188-138-251'],
  ['Australia', '746 064 378', '746 064 371'],
  ['Dominican Republic', '960-4030233-1', '960-4030233-2'],
];

describe('numbers of persons without a name in front', () => {
  test.each(WITH_CHECK_DIGITS)('a number of %s is found by its check digits', (_, valid, wrong) => {
    expect(redact(`it is ${valid}, yes`)).toBe('it is [id], yes');
    expect(redact(`it is ${wrong}, yes`)).toBe(`it is ${wrong}, yes`);
  });

  test.each([
    ['USA', '219-09-9999'],
    ['Switzerland', '756.9217.0769.85'],
    ['United Kingdom', 'AB 12 34 56 C'],
    ['United Kingdom, without spaces', 'AB123456C'],
    ['Italy', 'RSSMRA85T10A562S'],
    ['Brazil, with dots', '529.982.247-25'],
    ['Brazil, a company', '11.222.333/0001-81'],
    ['Chile', '12.345.678-5'],
    ['Mexico', 'GOMC850101HDFRRL09'],
    ['Belgium', '85.07.30-033.28'],
    ['South Korea', '900101-1234567'],
    ['India, tax', 'ABCPE1234F'],
    ['Norway', '05098836847'],
    ['Greece', '19026256206'],
    ['United Kingdom, health', '943 476 5919'],
    ['United Kingdom, driving', 'MORGA853116SM9IJ'],
    ['Germany, pension', '65 180582 M 047'],
    ['Denmark', '070761-4285'],
    ['Latvia', '140783-11843'],
    ['Malaysia', '840714-10-5293'],
    ['Pakistan', '35202-4827193-7'],
    ['United Arab Emirates', '784-1984-2719365-5'],
    ['Egypt', '28407140103829'],
    ['Mexico, tax', 'PEPJ910821AB5'],
    ['Ontario, driving', 'M6081-48271-94714'],
  ])('a number of %s is found by its form', (_, number) => {
    expect(redact(`it is ${number}.`)).toBe('it is [id].');
  });

  test('both lines of a machine-readable document are found', () => {
    const lines =
      'P<D<<MUELLER<<HANNA<<<<<<<<<<<<<<<<<<<<<<<<<\nC4VL8K29T8D<<8407144F3107140<<<<<<<<<<<<<<00';
    expect(redact(lines)).toBe('[id]\n[id]');
  });

  test('a number of a person is left in a reference, a path and a longer number', () => {
    for (const text of [
      'order 11144477735',
      'https://example.com/a/11144477735?b=1',
      '1234 4987 3216 5402',
      'v11144477735',
    ])
      expect(redact(text)).toBe(text);
  });
});
