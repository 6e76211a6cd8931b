import type { Connection } from 'mysql2';

/** A packet as mysql2's parser gives it; it is used again for the next one, its bytes are not. */
export interface CorePacket {
  readonly buffer: Buffer;
  /** Behind the packet's header. */
  readonly offset: number;
  readonly end: number;
  isError(): boolean;
  asError(encoding: string): Error;
}

/** What mysql2 asks of an entry in its queue of commands: true when it is done. */
export interface CoreCommand {
  execute(packet: CorePacket | undefined, connection: CoreConnection): boolean;
  /** Also called when the connection breaks. */
  onResult(error: Error | null): void;
}

/** The part of mysql2's connection that its types don't tell: the queue and the wire. */
export interface CoreConnection {
  addCommand(command: CoreCommand): void;
  writePacket(packet: object): void;
  _resetSequenceId(): void;
  readonly clientEncoding: string;
  /** The socket; with TLS, the one above it. */
  readonly stream: { pause(): void; resume(): void; destroy(): void };
}

/** @throws TypeError when the driver has changed inside */
export function coreOf(connection: Connection): CoreConnection {
  if (!isCore(connection)) throw new TypeError('mysql2 has no queue of commands');
  return connection;
}

function isCore(connection: object): connection is CoreConnection {
  return (
    typeof Reflect.get(connection, 'addCommand') === 'function' &&
    typeof Reflect.get(connection, 'writePacket') === 'function' &&
    typeof Reflect.get(connection, '_resetSequenceId') === 'function'
  );
}

const HEADER_BYTES = 4;

/** Writes the payload of a packet of less than 16 MB. */
export function writePayload(connection: CoreConnection, payload: Buffer): void {
  const buffer = Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]);
  connection.writePacket({
    buffer,
    length: () => payload.length,
    writeHeader: (sequenceId: number) => {
      buffer.writeUIntLE(payload.length, 0, 3);
      buffer.writeUInt8(sequenceId, 3);
    },
  });
}
