import { findFreePort, isFree } from '@millrace/test-servers';

/** The usual port when nobody listens there, else any free one. */
export async function usualPort(usual: number): Promise<number> {
  return (await isFree(usual)) ? usual : findFreePort();
}
