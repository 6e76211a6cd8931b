import type { Duplex } from 'node:stream';
import { must } from '@millrace/foundation';
import type { Client } from 'pg';

/** The socket below a `pg` client: not documented, so looked at in this place only. */
export function driverSocket(client: Client): Duplex {
  const connection: unknown = Reflect.get(client, 'connection');
  const stream: unknown =
    typeof connection === 'object' && connection !== null
      ? Reflect.get(connection, 'stream')
      : undefined;
  return must(
    isDuplex(stream) ? stream : undefined,
    'a pg client has its socket at connection.stream',
  );
}

function isDuplex(value: unknown): value is Duplex {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pause' in value &&
    'write' in value &&
    'off' in value
  );
}
