import type { BrokerCore } from '../core.ts';
import type { Frame } from '../network/frame-splitter.ts';
import type { Answer, ConnectionContext } from '../network/request-router.ts';

const SIZE_BYTES = 4;
const NOTHING: Answer = { chunks: [], isLast: true };

/** A token without a request around it, as clients send after SaslHandshake 0. A failure is a closed connection. */
export async function answerRawToken(
  core: BrokerCore,
  { bytes, start, end }: Frame,
  context: ConnectionContext,
): Promise<Answer> {
  const { sasl } = context.session;
  if (sasl === undefined) return NOTHING;
  const outcome = await sasl.authenticate(bytes.subarray(start, end), 0);
  if (outcome.kind === 'failed') {
    await core.security.afterFailure(context, outcome.reason);
    return NOTHING;
  }
  if (outcome.kind === 'authenticated') core.security.afterSuccess();
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeInt32BE(outcome.bytes.byteLength);
  return { chunks: [Buffer.concat([size, outcome.bytes])] };
}
