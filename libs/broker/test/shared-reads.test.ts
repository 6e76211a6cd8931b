import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { SharedReads } from '../src/network/shared-reads.ts';

interface Served {
  readonly port: number;
  /** Whether the accepted sockets read into the shared memory. */
  readonly areShared: () => boolean;
  readonly close: () => Promise<void>;
}

/** Answers each client, once it has sent all, with how many bytes came and their sum. */
async function serve(prepare: (accepted: Socket) => void = () => undefined): Promise<Served> {
  const reads = new SharedReads();
  let areShared = true;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    prepare(accepted);
    const { socket, onBytes } = reads.adopt(accepted, true);
    areShared &&= socket !== accepted;
    let count = 0;
    let sum = 0;
    onBytes((bytes) => {
      count += bytes.byteLength;
      for (const byte of bytes) sum += byte;
      bytes.fill(0xdb); // of no use to anybody after this
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end(`${count} ${sum}`));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server on a port has such an address.
    port: (server.address() as AddressInfo).port,
    areShared: () => areShared,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function send(port: number, value: number, pieces: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes) => (answer += bytes.toString()));
  for (let index = 0; index < pieces; index += 1) socket.write(Buffer.alloc(50_000, value));
  socket.end();
  await once(socket, 'close');
  return answer;
}

const hideBuffers = (accepted: Socket): void => {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (typeof handle === 'object' && handle !== null)
    Object.defineProperty(handle, 'useUserBuffer', { value: undefined });
};

test.each([
  ['into one memory', () => undefined, true],
  ['by events, where Node does not let us in', hideBuffers, false],
])(
  'connections that read at the same time get their own bytes: %s',
  async (_, prepare, areShared) => {
    const server = await serve(prepare);
    const answers = await Promise.all([1, 2, 3, 4].map((value) => send(server.port, value, 40)));
    expect(answers).toEqual([1, 2, 3, 4].map((value) => `2000000 ${2_000_000 * value}`));
    expect(server.areShared()).toBe(areShared);
    // All are gone for the server too.
    await server.close();
  },
);

test('a client that resets its connection is gone for the server', async () => {
  const server = await serve();
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  await send(server.port, 1, 1);
  socket.resetAndDestroy();
  await once(socket, 'close');
  await server.close();
});
