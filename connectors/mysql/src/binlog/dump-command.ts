import { MysqlGtidSet } from './gtid/mysql-gtid-set.ts';
import { encodeGtidSet } from './gtid/encode-gtid-set.ts';
import {
  writePayload,
  type CoreCommand,
  type CoreConnection,
  type CorePacket,
} from './core-connection.ts';
import type { BinlogStart } from './reader.ts';

const COM_BINLOG_DUMP = 0x12;
const COM_REGISTER_REPLICA = 0x15;
const COM_BINLOG_DUMP_GTID = 0x1e;
/** Where the first event of each file stands. */
const FIRST_POSITION = 4;
const THROUGH_GTID = 4;
/** MariaDB's; MySQL does not look. */
const SEND_ANNOTATE_ROWS = 2;

/** Tells the server of us, so that it lists us among its replicas. */
export class RegisterCommand implements CoreCommand {
  readonly #payload: Buffer;
  readonly #done: (error: Error | null) => void;
  #isSent = false;

  constructor(serverId: number, done: (error: Error | null) => void) {
    this.#payload = Buffer.alloc(18);
    this.#payload.writeUInt8(COM_REGISTER_REPLICA, 0);
    this.#payload.writeUInt32LE(serverId, 1); // then host, user, password, port, rank and source: all empty
    this.#done = done;
  }

  execute(packet: CorePacket | undefined, connection: CoreConnection): boolean {
    if (!this.#isSent) {
      this.#isSent = true;
      connection._resetSequenceId();
      writePayload(connection, this.#payload);
      return false;
    }
    this.onResult(packet?.isError() === true ? packet.asError(connection.clientEncoding) : null);
    return true;
  }

  onResult(error: Error | null): void {
    this.#done(error);
  }
}

export interface DumpSink {
  /** An event, from its header on. The bytes stay as they are. */
  event(buffer: Buffer, start: number, end: number): void;
  /** null: the server ended the stream. */
  failed(error: Error | null): void;
}

const MARK_OK = 0x00;
const MARK_END = 0xfe;

/** Asks for the binlog and gives its events until the connection ends. */
export class DumpCommand implements CoreCommand {
  readonly #payload: Buffer;
  readonly #sink: DumpSink;
  #isSent = false;

  constructor(serverId: number, start: BinlogStart, sendsStatements: boolean, sink: DumpSink) {
    this.#payload = dumpRequest(serverId, start, sendsStatements);
    this.#sink = sink;
  }

  execute(packet: CorePacket | undefined, connection: CoreConnection): boolean {
    if (packet === undefined || !this.#isSent) {
      this.#isSent = true;
      connection._resetSequenceId();
      writePayload(connection, this.#payload);
      return false;
    }
    const { buffer, offset, end } = packet;
    if (buffer[offset] === MARK_OK) {
      this.#sink.event(buffer, offset + 1, end);
      return false;
    }
    if (packet.isError()) this.#sink.failed(packet.asError(connection.clientEncoding));
    else if (buffer[offset] === MARK_END) this.#sink.failed(null);
    else this.#sink.failed(new Error(`a packet of kind ${buffer[offset]} within the binlog`));
    return true;
  }

  onResult(error: Error | null): void {
    this.#sink.failed(error);
  }
}

function dumpRequest(serverId: number, start: BinlogStart, sendsStatements: boolean): Buffer {
  if (start.kind === 'gtid' && start.gtids instanceof MysqlGtidSet) {
    const data = encodeGtidSet(start.gtids);
    const head = Buffer.alloc(1 + 2 + 4 + 4 + 8 + 4);
    head.writeUInt8(COM_BINLOG_DUMP_GTID, 0);
    head.writeUInt16LE(THROUGH_GTID, 1);
    head.writeUInt32LE(serverId, 3);
    head.writeUInt32LE(0, 7); // no file
    head.writeBigUInt64LE(BigInt(FIRST_POSITION), 11);
    head.writeUInt32LE(data.length, 19);
    return Buffer.concat([head, data]);
  }
  // MariaDB takes its GTIDs from a variable of the session.
  const { file, position } = start.kind === 'file' ? start : { file: '', position: FIRST_POSITION };
  const head = Buffer.alloc(1 + 4 + 2 + 4);
  head.writeUInt8(COM_BINLOG_DUMP, 0);
  head.writeUInt32LE(position, 1);
  head.writeUInt16LE(sendsStatements ? SEND_ANNOTATE_ROWS : 0, 5);
  head.writeUInt32LE(serverId, 7);
  return Buffer.concat([head, Buffer.from(file)]);
}
