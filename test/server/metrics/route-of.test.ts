import { expect, test } from 'vitest';
import { ROUTE_CONTENTS } from '../../../src/server/http/access/route-contents.js';
import { VIEW_PATHS as VIEWS } from '../../../src/server/http/view-paths.js';
import { routeOf } from '../../../src/server/metrics/route-of.js';

test('metrics tell all routes of the JSON API apart, and none by the ids or names in it', () => {
  const withNames = ['/api/records/:id', '/api/datasets/:name'];
  for (const route of Object.keys(ROUTE_CONTENTS)) {
    const label = withNames.find((one) => route.startsWith(one.slice(0, one.indexOf(':'))));
    expect([route, routeOf(route.replaceAll(/:\w+/g, 'ada'), VIEWS)]).toEqual([route, label ?? route]);
  }
  expect(routeOf('/api/documents/note/ada', VIEWS)).toBe('/api/documents/:kind');
});

test('the views of the page are one route, and every path that is none is another', () => {
  expect(new Set(VIEWS.map((view) => routeOf(view, VIEWS)))).toEqual(new Set(['page']));
  for (const path of ['/api/nothing', '/api/users/ada', '/ada', '/toString', '/v1/traces/'])
    expect([path, routeOf(path, VIEWS)]).toEqual([path, 'other']);
});
