// Invented records of four weeks of a shop's assistant, the same each time but for their times: for screenshots, and to try the page with.
const HOUR = 3_600_000;
const DAYS = 28;
const ORGANIZATIONS = ['Northwind', 'Contoso', 'Fabrikam', 'Tailspin', 'Wingtip'];
const FIRST = [
  'ada',
  'grace',
  'alan',
  'katherine',
  'linus',
  'margaret',
  'radia',
  'barbara',
  'ken',
  'dennis',
  'hedy',
  'tim',
];
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-20250514'];

/** What people ask, what the assistant answers, and what of it fails: [weight, prompt name, failure, questions, answers]. */
const TOPICS = [
  [30, 'order', 0.02, ['Where is my order {n}?', 'My order {n} has not arrived yet, where is it?', 'Track order {n} for me please', 'When does the delivery of order {n} arrive?'], ['Your order {n} left our warehouse and arrives **tomorrow before noon**.', 'Order {n} is with the carrier:\n\n| step | time |\n| --- | --- |\n| packed | Monday |\n| handed over | Tuesday |\n| expected | **Thursday** |']],
  [22, 'refund', 0.05, ['I want a refund for order {n}', 'How do I return the shoes and get a refund?', 'Refund of order {n} is still missing', 'هل يمكنني استرداد المبلغ؟'], ['You can return it within 30 days. I have sent you a label.', 'The refund of order {n} was booked on Monday; banks take up to three days.']],
  [16, 'invoice', 0.01, ['Please send the invoice for order {n} again', 'The VAT number on invoice {n} is wrong', 'Can I get an invoice for my company?'], ['Done: invoice {n} is in your mailbox.', 'Thanks, I have corrected the VAT number and sent a new invoice.']],
  [14, 'password', 0.03, ['I forgot my password', 'The password reset link does not work', 'How do I reset the password of my account?'], ['1. Open **Sign in**\n2. Choose *Forgot password*\n3. Follow the link within 15 minutes']],
  [10, 'size', 0.02, ['Which size of jacket fits 180 cm?', 'Does the jacket run small?', 'What size chart do the shoes use?'], ['For 180 cm we recommend **L**; the jacket runs slightly small.']],
  [8, 'contract', 0.22, ['Summarise the attached contract in five bullet points', 'Which clauses of this contract are about liability?', 'Compare both contracts for me'], ['- Term: 24 months from signature\n- Fees: 1,200 € a month\n- Service level: 99.9 %\n- Data: processed in the EU\n- Liability: twelve months of fees']],
]; // prettier-ignore

/**
 * Returns prompts and events in the form of the ingestion API. Use grows; release 2.4.0 with another version of the prompt for refunds came five
 * days ago, and made these answers slower and worse.
 */
export function demoRecords(now = Date.now(), count = 1600) {
  const random = randomNumbers(11);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const prompts = [];
  const events = [];
  const ages = Array.from({ length: count }, () => DAYS * 24 * random() ** 1.25).toSorted((a, b) => b - a);
  for (const [index, age] of ages.entries()) {
    const at = now - age * HOUR;
    const [, name, failure, questions, answers] = pickTopic(random);
    const person = Math.floor(random() ** 1.6 * 60);
    // Some people came late, some left.
    if ((person % 7 === 3 && age < 24 * 9) || (person % 5 === 4 && age > 24 * 6)) continue;
    const isNew = age < 24 * 5 && random() < 0.8;
    const isSlow = isNew && name === 'refund';
    const order = String(4000 + Math.floor(random() * 999));
    const organization = ORGANIZATIONS[person % ORGANIZATIONS.length];
    const model = random() < 0.55 ? MODELS[0] : random() < 0.75 ? MODELS[1] : MODELS[2];
    const input = Math.round(300 + 900 * random());
    const output = Math.round(40 + 260 * random());
    const user = `${FIRST[person % FIRST.length]}.${person}@${organization.toLowerCase()}.example`;
    const common = {
      user_id: user,
      timestamp: new Date(at).toISOString(),
    };
    const properties = {
      $event_id: `demo-${index}`,
      tags: random() < 0.3 ? ['mobile'] : ['web'],
      organization_id: organization,
      service_name: 'shop-assistant',
      service_version: isNew ? '2.4.0' : '2.3.1',
      environment: 'production',
      prompt_name: name,
      prompt_version: name === 'refund' && isNew ? '8' : '7',
      provider: model.startsWith('claude') ? 'anthropic' : 'openai',
    };
    const prompt = pick(questions).replace('{n}', order);
    if (random() < failure * (isNew ? 1.4 : 1)) {
      events.push({ ...common, event: 'LLM error', properties: { ...properties, error_type: pick(['rate_limit_exceeded', 'rate_limit_exceeded', 'context_length_exceeded', 'Timeout']), model, prompt, $thread_id: `conversation-${person}-${Math.floor(age / 8)}` } }); // prettier-ignore
      continue;
    }
    prompts.push({
      ...common,
      prompt,
      generation: pick(answers).replaceAll('{n}', order),
      assistant_id: model,
      thread_id: `conversation-${person}-${Math.floor(age / 8)}`,
      latency: Number((0.4 + (isSlow ? 6 : 2.6) * random() ** 2).toFixed(2)),
      properties: { ...properties, input_tokens: input, output_tokens: output, total_tokens: input + output, finish_reason: 'stop' },
    }); // prettier-ignore
    if (random() < 0.22)
      events.push({
        event: 'Feedback',
        user_id: user,
        timestamp: new Date(at + 60_000).toISOString(),
        properties: { record_id: `demo-${index}`, score: random() < (isSlow ? 0.5 : 0.12) ? -1 : 1, ...(random() < 0.4 && { comment: isSlow ? 'That was not my question.' : 'That solved it.' }) },
      }); // prettier-ignore
  }
  return { prompts, events };
}

function pickTopic(random) {
  let place = random() * TOPICS.reduce((sum, [weight]) => sum + weight, 0);
  return TOPICS.find(([weight]) => (place -= weight) < 0) ?? TOPICS[0];
}

/** Sends them to a server. */
export async function publishDemoRecords(ingestionUrl, records = demoRecords()) {
  await publish(ingestionUrl, 'publish_llm_events', records.prompts);
  await publish(ingestionUrl, 'publish_events', records.events);
}

async function publish(ingestionUrl, path, items) {
  for (let start = 0; start < items.length; start += 100) {
    const response = await fetch(`${ingestionUrl}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'local' },
      body: JSON.stringify(items.slice(start, start + 100)),
    });
    if (!response.ok) throw new Error(await response.text());
  }
}

/** Returns a generator of numbers from 0 to 1 that repeats itself for a seed. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
