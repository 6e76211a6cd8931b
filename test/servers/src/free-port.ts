import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems give ports to whoever asks for any, so that nobody takes ours while we restart. */
const PORT_MIN = 15_000;
const PORT_MAX = 32_000;
/** Tests that run at the same time draw from ports of their own, so that none is drawn twice before it is listened on. */
const LANES = 8;
const LANE_PORTS = Math.floor((PORT_MAX - PORT_MIN) / LANES);
const ATTEMPTS_MAX = 100;

/** A port of the loopback interface that nobody listens on, and that stays ours over a restart in all likelihood. */
export async function findFreePort(): Promise<number> {
  const lane = Number(process.env['JEST_WORKER_ID'] ?? 0) % LANES;
  const first = PORT_MIN + lane * LANE_PORTS;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = randomInt(first, first + LANE_PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${first} and ${first + LANE_PORTS} was found`);
}

/** Whether somebody listens on the port of the loopback interface. */
export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const isFreeNow = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isFreeNow) await new Promise((resolve) => probe.close(resolve));
  return isFreeNow;
}
