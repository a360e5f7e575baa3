import { describe, expect, onTestFinished, test } from 'vitest';
import { AlertWatch } from '../../../../src/server/insights/alerts/alert-watch.js';
import { Labelling } from '../../../../src/server/insights/labels/labelling.js';
import { Pricing } from '../../../../src/server/insights/prices/pricing.js';
import { Intake } from '../../../../src/server/ingest/intake.js';
import { StoreHealth } from '../../../../src/server/ingest/store-health.js';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import type { OutgoingTarget } from '../../../../src/server/security/outgoing-targets.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { numbered } from '../stored.js';

/** A target in memory that gives one answer. */
function answering(body: string): OutgoingTarget & { readonly bodies: string[] } {
  const bodies: string[] = [];
  return {
    host: 'service.example',
    url: 'https://service.example/',
    bodies,
    async post(request) {
      bodies.push(request.body);
      return { status: 200, body };
    },
  };
}

describe.runIf(chdbFolder)(
  'work in the background of two servers over ClickHouse',
  { timeout: 60_000 },
  () => {
    const clickhouse = useClickHouse();

    async function useTwo() {
      const url = await clickhouse.createDatabase();
      const stores = [await openClickHouseStore({ url }), await openClickHouseStore({ url })] as const;
      onTestFinished(async () => {
        for (const store of stores) await store.close();
      });
      const timestamp = new Date().toISOString();
      await stores[0].put(
        Array.from({ length: 6 }, (_, index) => ({
          ...numbered(index),
          prompt: `question ${index % 4}`,
          timestamp,
          properties: { organization_id: 'acme', cost: 1, cost_source: 'sent' },
        })),
      );
      return stores;
    }

    test('a change of an alert is posted once', async () => {
      const stores = await useTwo();
      const value = { measure: 'cost', by: 'organization', window: '1h', above: 5, hold: '0s' };
      await stores[0].documents.put({ kind: 'rule', name: 'spend', value });
      const target = answering('');
      const [first, second] = stores.map((store) => new AlertWatch({ store, targets: [target] }));
      await Promise.all([first?.run(), second?.run()]);
      await Promise.all([first?.run(), second?.run()]);
      expect(target.bodies).toHaveLength(1);
      expect(JSON.parse(target.bodies[0] ?? '')).toMatchObject({
        data: { changes: [{ group: 'acme', to: 'alerting', value: 6, n: 6 }] },
      });
    });

    test('texts are labelled once, and the labels are a dimension', async () => {
      const stores = await useTwo();
      const labels = { intent: 'refund', sentiment: 'neutral', outcome: 'done' };
      const target = answering(
        JSON.stringify({ choices: [{ message: { content: JSON.stringify(labels) } }] }),
      );
      const service = { target, model: 'm', apiKey: undefined, perMinute: 6000 };
      const workers = stores.map((store) => {
        const intake = new Intake({
          store,
          health: new StoreHealth(() => undefined),
          pricing: new Pricing(),
        });
        return new Labelling({ store, service, save: (saved) => intake.label(saved) });
      });
      await Promise.all(workers.map((worker) => worker.run()));
      await Promise.all(workers.map((worker) => worker.run()));
      expect(target.bodies).toHaveLength(4);
      const { groups } = await stores[1].measure(
        {},
        { measures: ['prompts'], by: { property: 'label_intent' } },
      );
      expect(groups).toMatchObject([{ name: 'refund', values: [6] }]);
      expect(await workers[1]?.status()).toMatchObject({ labelled: 6, waiting: 0 });
    });
  },
);
