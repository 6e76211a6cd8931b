import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';

/**
 * Runs in a process of its own: connects, counts what arrives, and answers once with a byte when all is there. It reads
 * into one buffer again and again, as the reader of the fetch bench does.
 */
const SINK = `
  let left = Number(process.argv[1]);
  const callback = (count) => { left -= count; if (left <= 0) socket.end('x'); return true; };
  const onread = { buffer: Buffer.allocUnsafeSlow(256 * 1024), callback };
  const socket = require('node:net').connect({ port: Number(process.argv[2]), host: '127.0.0.1', onread });
`;

/** A bare copy of the same bytes in the same pieces over loopback, one process to another; bytes a second. */
export async function loopbackCopy(piece: Uint8Array, pieceCount: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address to listen on');
  const args = ['-e', SINK, String(piece.length * pieceCount), String(address.port)];
  const sink = spawn(process.execPath, args, { stdio: 'inherit' });
  try {
    const socket = await accepted;
    const startedMs = performance.now();
    const done = new Promise((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
    });
    for (let count = 0; count < pieceCount; count++) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
    }
    await done;
    const seconds = (performance.now() - startedMs) / 1_000;
    socket.destroy();
    return (piece.length * pieceCount) / seconds;
  } finally {
    sink.kill('SIGKILL');
    server.close();
  }
}
