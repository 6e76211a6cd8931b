import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Runs in a process of its own: counts what arrives and answers once with a byte when all is there. */
const SINK = `
  const server = require('node:net').createServer((socket) => {
    let left = Number(process.argv[1]);
    socket.on('data', (chunk) => { left -= chunk.length; if (left <= 0) socket.end('x'); });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** A bare copy of the same bytes in the same pieces over loopback, one process to another; bytes a second. */
export async function loopbackCopy(piece: Uint8Array, pieceCount: number): Promise<number> {
  const sink = spawn(process.execPath, ['-e', SINK, String(piece.length * pieceCount)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<string>((resolve) =>
      createInterface({ input: sink.stdout }).once('line', resolve),
    );
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
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
  }
}
