import type { ErrorData } from '@millrace/foundation';
import type { BrokerAddress, VersionRange } from '../transport.ts';

/** From the thread that has no broker. Bodies are encoded as on the wire, without Kafka's header. */
export type PortRequest =
  | { readonly kind: 'connect'; readonly connection: number; readonly address: BrokerAddress }
  | {
      readonly kind: 'send';
      readonly connection: number;
      /** 0: nobody waits for an answer. */
      readonly request: number;
      readonly apiKey: number;
      readonly version: number;
      readonly body: Uint8Array;
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: 'close'; readonly connection: number };

/** To it. */
export type PortAnswer =
  | {
      readonly kind: 'connected';
      readonly connection: number;
      readonly versions: ReadonlyMap<number, VersionRange>;
    }
  | { readonly kind: 'refused'; readonly connection: number; readonly error: ErrorData }
  | {
      readonly kind: 'answered';
      readonly connection: number;
      readonly request: number;
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'failed';
      readonly connection: number;
      readonly request: number;
      readonly error: ErrorData;
    }
  | { readonly kind: 'closed'; readonly connection: number; readonly error: ErrorData };

/** The written bytes in memory of their own, which may be given away with a message. */
export function ownedBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const owned = new Uint8Array(bytes.byteLength);
  owned.set(bytes);
  return owned;
}
