import { expect, test } from 'vitest';
import { plainPreview } from '../../../../src/server/page/markdown/plain-preview.js';

test.each([
  ['Arrives **tomorrow *before* noon**.', 'Arrives tomorrow before noon.'],
  ['1. Open **Sign in**\n2. Choose *Forgot password*', '1. Open Sign in\n2. Choose Forgot password'],
  ['| step | time |\n| --- | :-: |\n| packed | **Monday** |', 'step · time\npacked · Monday'],
  ['## Result\n> Quoted\n- one\n* two', 'Result\nQuoted\n• one\n• two'],
  [
    '```json\n{"a": 1}\n```\n---\nSee [the page](https://example.com/a_b) or `npm i`.',
    '{"a": 1}\nSee the page or npm i.',
  ],
  // What is no markup stays.
  ['get_weather({"city_name":"Oslo"})', 'get_weather({"city_name":"Oslo"})'],
  [
    '2 * 3 * 4 = 24, __init__, a | b, C#, x > y, -5, #1',
    '2 * 3 * 4 = 24, __init__, a | b, C#, x > y, -5, #1',
  ],
  [
    '<img src=x onerror=alert(1)> [open](javascript:alert(1) **',
    '<img src=x onerror=alert(1)> [open](javascript:alert(1) **',
  ],
  ['', ''],
])('the preview of %j is %j', (text, expected) => {
  expect(plainPreview(text)).toBe(expected);
});

test('the preview of a long text takes no longer for texts that look like the beginning of markup', () => {
  for (const part of ['*', '**', '[', '![](', '`', '| ', '# ', '- - '])
    expect(plainPreview(part.repeat(1_000_000)).length).toBeLessThanOrEqual(600);
});
