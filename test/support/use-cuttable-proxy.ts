import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface CuttableProxy {
  readonly url: string;
  /** Number of live streams that are open. */
  streams(): number;
  /** Number of live streams that have been opened. */
  opened(): number;
  /** From now on, the streams that are open pass nothing on, and are not closed: as a connection that died while a laptop slept. */
  cut(): void;
}

/** A proxy before a local Trubrics. With `beatMs`, pages believe that the server's heartbeat has this interval. */
export async function useCuttableProxy(port: number, beatMs = 15_000): Promise<CuttableProxy> {
  const open = new Set<ServerResponse>();
  const cut = new WeakSet<ServerResponse>();
  let opened = 0;
  const proxy = createServer((incoming, answer) => {
    const { url: path = '', method, headers } = incoming;
    const isLive = path.startsWith('/api/live');
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      if (!isLive) {
        response.pipe(answer);
        return;
      }
      opened++;
      open.add(answer);
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (!cut.has(answer)) answer.write(text.replace('"beatMs":15000', `"beatMs":${beatMs}`));
      });
      response.on('end', () => answer.end());
      response.on('error', () => answer.destroy());
    });
    answer.on('close', () => {
      open.delete(answer);
      outgoing.destroy();
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    streams: () => open.size,
    opened: () => opened,
    cut: () => {
      for (const answer of open) cut.add(answer);
    },
  };
}
