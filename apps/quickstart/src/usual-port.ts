import { createServer } from 'node:net';
import { findFreePort } from '@millrace/test-servers';

/** The usual port when nobody listens there, else any free one. */
export async function usualPort(usual: number): Promise<number> {
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(usual, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return findFreePort();
  await new Promise((resolve) => probe.close(resolve));
  return usual;
}
