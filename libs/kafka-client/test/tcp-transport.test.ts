import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { apis, decodeRequestHeader, encodeResponseFrame, Reader } from '@millrace/kafka-protocol';
import { TcpTransport, type TcpTransportOptions } from '../src/tcp-transport.ts';
import type { Connection } from '../src/transport.ts';
import { FrameReader } from '../src/frame-reader.ts';

type Answer = (
  socket: Socket,
  request: { apiKey: number; apiVersion: number; correlationId: number },
) => void;

const servers: Server[] = [];
const signal = new AbortController().signal;

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A broker that answers each request as it is told. */
async function listen(answer: Answer): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const frames = new FrameReader(1_000_000, (frame) =>
      answer(socket, decodeRequestHeader(new Reader(frame))),
    );
    socket.on('data', (chunk: Buffer) => void frames.push(chunk));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const allApis = Object.values(apis).map((api) => ({
  apiKey: api.key,
  minVersion: api.minVersion,
  maxVersion: api.maxVersion,
}));

/** Answers ApiVersions as new brokers do, and leaves the rest to `others`. */
function modern(others: Answer): Answer {
  return (socket, request) => {
    if (request.apiKey !== apis.apiVersions.key) {
      others(socket, request);
      return;
    }
    const { apiVersion, correlationId } = request;
    const body = { errorCode: 0, apiKeys: allApis };
    socket.write(encodeResponseFrame(apis.apiVersions, apiVersion, correlationId, body));
  };
}

function connect(port: number, options: Partial<TcpTransportOptions> = {}): Promise<Connection> {
  const transport = new TcpTransport({
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    ...options,
  });
  return transport.connect({ host: '127.0.0.1', port }, signal);
}

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };

test.each([
  ['that names its versions', [{ apiKey: 18, minVersion: 0, maxVersion: 2 }], [4, 2]],
  ['that names none', [], [4, 0]],
])('an older broker %s is asked for them again', async (_what, refusalKeys, expected) => {
  const asked: number[] = [];
  const served = expected[1] ?? 0;
  const port = await listen((socket, { apiVersion, correlationId }) => {
    asked.push(apiVersion);
    const isRefused = apiVersion > served;
    socket.write(
      encodeResponseFrame(apis.apiVersions, isRefused ? 0 : apiVersion, correlationId, {
        errorCode: isRefused ? 35 : 0,
        apiKeys: isRefused ? refusalKeys : [{ apiKey: 3, minVersion: 0, maxVersion: 5 }],
      }),
    );
  });
  const connection = await connect(port);
  expect(asked).toEqual(expected);
  expect(connection.versions.get(3)).toEqual({ min: 0, max: 5 });
  await connection.close();
});

test('answers reach the requests in their order, with bounded requests in flight', async () => {
  let waiting: (() => void)[] = [];
  let unanswered = 0;
  let most = 0;
  const port = await listen(
    modern((socket, { apiVersion, correlationId }) => {
      unanswered += 1;
      most = Math.max(most, unanswered);
      waiting.push(() => {
        unanswered -= 1;
        const errorCode = correlationId;
        socket.write(encodeResponseFrame(apis.heartbeat, apiVersion, correlationId, { errorCode }));
      });
      if (waiting.length === 3) {
        for (const reply of waiting) reply();
        waiting = [];
      }
    }),
  );
  const connection = await connect(port, { inFlightMax: 3 });
  const answers = await Promise.all(
    Array.from({ length: 9 }, () => connection.send(apis.heartbeat, 4, heartbeat)),
  );
  expect(answers.map(({ errorCode }) => errorCode)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(3);
  await connection.close();
});

test('a connection that dies fails what is in flight and what comes after, as retriable', async () => {
  const port = await listen(modern((socket) => socket.destroy()));
  const connection = await connect(port);
  const lost = { code: 'client.connection_lost', retry: 'retriable' };
  await expect(connection.send(apis.heartbeat, 4, heartbeat)).rejects.toMatchObject(lost);
  expect(connection.closed.aborted).toBe(true);
  await expect(connection.send(apis.heartbeat, 4, heartbeat)).rejects.toMatchObject(lost);
});

test.each<[string, Answer]>([
  ['an answer too large', (socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]))],
  ['an answer of negative size', (socket) => socket.write(Buffer.from([0xff, 0, 0, 0]))],
  ['an answer nobody asked for', (socket) => socket.write(Buffer.from([0, 0, 0, 4, 9, 9, 9, 9]))],
  [
    'an answer cut short',
    (socket, { correlationId }) => {
      const frame = Buffer.from([0, 0, 0, 5, 0, 0, 0, correlationId, 0]);
      socket.write(frame);
    },
  ],
])('%s ends the connection', async (_what, answer) => {
  const port = await listen(modern(answer));
  const connection = await connect(port);
  await expect(connection.send(apis.heartbeat, 4, heartbeat)).rejects.toThrow();
  expect(connection.closed.aborted).toBe(true);
});

test('a broker that does not answer costs the connection after the time-out', async () => {
  const port = await listen(modern(() => undefined));
  const connection = await connect(port, { requestTimeoutMs: 20 });
  await expect(connection.send(apis.heartbeat, 4, heartbeat)).rejects.toMatchObject({
    code: 'client.request_timed_out',
    retry: 'retriable',
  });
  expect(connection.closed.aborted).toBe(true);
});

test('a port that accepts and is silent is given up in time', async () => {
  const port = await listen(() => undefined);
  await expect(connect(port, { connectTimeoutMs: 30 })).rejects.toMatchObject({
    code: 'client.connect_timed_out',
    retry: 'retriable',
  });
});

test('a port that nobody listens on is a retriable failure with the address', async () => {
  const port = await listen(() => undefined);
  const [server] = servers.splice(0);
  await new Promise((resolve) => server?.close(resolve));
  await expect(connect(port)).rejects.toMatchObject({
    code: 'client.connect_failed',
    retry: 'retriable',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test('an abort ends connecting', async () => {
  const port = await listen(() => undefined);
  const abort = new AbortController();
  const transport = new TcpTransport({
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  const connecting = transport.connect({ host: '127.0.0.1', port }, abort.signal);
  abort.abort(new Error('stopped'));
  await expect(connecting).rejects.toThrow('stopped');
});

test('a mechanism that the broker does not offer is a fatal error that names those it has', async () => {
  const port = await listen(
    modern((socket, { apiVersion, correlationId }) => {
      socket.write(
        encodeResponseFrame(apis.saslHandshake, apiVersion, correlationId, {
          errorCode: 33,
          mechanisms: ['OAUTHBEARER'],
        }),
      );
    }),
  );
  const sasl = { mechanism: 'PLAIN', username: 'u', password: 'p' } as const;
  await expect(connect(port, { sasl })).rejects.toMatchObject({
    code: 'client.authentication_failed',
    retry: 'fatal',
    message: expect.stringContaining('OAUTHBEARER'),
  });
});
