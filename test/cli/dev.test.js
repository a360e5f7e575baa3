import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { buildCli, run } from './helpers.js';
let cli;
beforeAll(async () => {
    cli = await buildCli();
});
afterAll(() => cli.remove());
/** Starts `dev` on a free port and waits until it says where senders have to go. */
async function startDev(...args) {
    const dev = run(cli.file, ['dev', '--port', '0', ...args]);
    const ingestionUrl = await vi.waitFor(() => {
        const match = /TRUBRICS_HOST=(\S+)/.exec(dev.output().stdout);
        if (!match?.[1])
            throw new Error(`Not started: ${JSON.stringify(dev.output())}`);
        return match[1];
    }, { timeout: 10_000 });
    return { ...dev, ingestionUrl };
}
function publish(ingestionUrl, prompt) {
    return fetch(`${ingestionUrl}/publish_llm_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'local' },
        body: JSON.stringify([{ user_id: 'ada', prompt, generation: 'g' }]),
    });
}
function useFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'trubrics-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}
test.each(['SIGTERM', 'SIGINT'])('dev serves until %s, and then ends cleanly', async (signal) => {
    const dev = await startDev();
    expect((await publish(dev.ingestionUrl, 'p')).status).toBe(200);
    // An open page must not hold it up.
    const page = await fetch(new URL('/api/live', dev.ingestionUrl));
    dev.child.kill(signal);
    expect(await dev.ended).toMatchObject({ code: 0, stderr: '' });
    await page.body?.cancel().catch(() => undefined);
});
test('what was received with --file survives kill -9', async () => {
    const file = join(useFolder(), 'records.jsonl');
    const first = await startDev('--file', file);
    for (let i = 0; i < 20; i++)
        await publish(first.ingestionUrl, `prompt ${i}`);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(20);
    const second = await startDev('--file', file);
    const list = await (await fetch(new URL('/api/records', second.ingestionUrl))).json();
    expect(list).toMatchObject({
        total: 20,
        records: expect.arrayContaining([expect.objectContaining({ prompt: 'prompt 19' })]),
    });
});
test('a taken port is one line', async () => {
    const taken = createServer();
    await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const port = String(taken.address().port);
    const { code, stdout, stderr } = await run(cli.file, ['dev', '--port', port]).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^opentelemetry-exporter-trubrics: Port ${port} is taken.*--port.*\\n$`));
});
test.each([
    [['dev', '--prot', '1'], 2, /--prot/],
    [['dev', '--port', 'many'], 2, /--port must be a whole number from 0 to 65535, not "many"/],
    [['dev', '--port', '70000'], 2, /65535/],
    [['dev', '--port'], 2, /--port/],
    [['dev', '--file', ''], 2, /--file must not be empty/],
    [['dev', 'extra'], 2, /extra/],
    [['dev', '--host', '0.0.0.0'], 2, /--token/],
    [
        ['dev', '--port', '0', '--host', 'nowhere.invalid', '--token', 't'],
        1,
        /Cannot listen at nowhere\.invalid/,
    ],
    [
        ['dev', '--port', '0', '--file', '/nowhere/at/all.jsonl'],
        1,
        /Cannot read and write the file \/nowhere\/at\/all\.jsonl \(ENOENT\)/,
    ],
    [['dev', '--port', '0', '--file', tmpdir()], 1, /EISDIR/],
    [['dev', '--port', '0', '--', 'no-such-command-anywhere'], 1, /Cannot run no-such-command-anywhere/],
    [['prod'], 2, /no command "prod"/],
    [[], 2, /--help/],
])('%j is one clear line on stderr', async (args, code, message) => {
    const ended = await run(cli.file, args).ended;
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.code).toBe(code);
});
test('--help and --version say what they are asked for', async () => {
    for (const args of [['--help'], ['-h'], ['dev', '--help']]) {
        const { code, stdout } = await run(cli.file, args).ended;
        expect([code, stdout.includes('--allow-host')]).toEqual([0, true]);
    }
    const { stdout } = await run(cli.file, ['--version']).ended;
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(stdout).toBe(`${version}\n`);
});
test('dev -- command runs it with the environment set, and ends with its exit code', async () => {
    const file = join(useFolder(), 'records.jsonl');
    const script = `fetch(process.env.TRUBRICS_HOST + '/publish_events', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': process.env.TRUBRICS_API_KEY },
    body: JSON.stringify([{ user_id: 'ada', event: 'Sign up' }]),
  }).then((answer) => process.exit(answer.ok ? 7 : 8))`;
    const { code } = await run(cli.file, [
        'dev',
        '--port',
        '0',
        '--file',
        file,
        '--',
        process.execPath,
        '-e',
        script,
    ]).ended;
    expect(code).toBe(7);
    expect(existsSync(file) && readFileSync(file, 'utf8')).toContain('Sign up');
});
test('a refused request is told in the terminal', async () => {
    const dev = await startDev();
    await fetch(`${dev.ingestionUrl}/publish_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: '[{"event":"e"}]',
    });
    await expect
        .poll(() => dev.output().stdout)
        .toContain('refused 422 /api/ingestion/publish_events body.0.user_id: Field required');
});
