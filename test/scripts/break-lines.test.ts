import { readFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';
import { breakLines } from '../../scripts/break-lines.mjs';

const CODE = [
  "const a=async x=>x,b=async(y,z)=>{return y},c=()=>{throw new Error('no')},d=`one ${a(1,2)}",
  'two ${b({e:1},[2])} three`,f=a/2/1,g=/[,;{]/g;function*h(){yield a,b;yield*[1,2];for(let i=0;i<3;i++)if(i)continue;else break}',
  "class I{static #j=1;k=2;get l(){return I.#j}static{a(1)}'m'(n,...o){switch(n){case 1:n++;break;default:--n}}}",
  'label:for(;;){break label}let p={q:1,"r":2,...g,get s(){return 1},[`t`]:a},u=p?.q??(p.q,p.r);do{u--}while(u>0)export{I,h,u}',
].join('');

test.each([1, 10, 40, 160])('code in lines of %i characters is the same code', (maxLength) => {
  const broken = breakLines(CODE, maxLength);
  expect(withoutPositions(broken)).toEqual(withoutPositions(CODE));
  expect(broken.split('\n').length).toBeGreaterThan(CODE.split('\n').length);
});

test('the code of the package is in lines that a terminal can show', () => {
  for (const file of ['langchain/index.js', 'node/index.js']) {
    const lines = readFileSync(new URL(`../../dist/esm/${file}`, import.meta.url), 'utf8').split('\n');
    const long = lines.filter((line) => line.length > 400);
    expect(lines.length).toBeGreaterThan(100);
    expect(long).toEqual([]);
  }
});

/** Returns the syntax tree of a code without places in the text. */
function withoutPositions(code: string): unknown {
  return JSON.parse(
    JSON.stringify(parseAst(code), (key, value: unknown) =>
      key === 'start' || key === 'end' || key === 'range' ? undefined : value,
    ),
  );
}
