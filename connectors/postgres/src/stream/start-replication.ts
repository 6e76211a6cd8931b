import { formatLsn, type StreamPosition } from '../position.ts';
import type { Settings } from '../settings.ts';

const VERSION_14 = 140_000;

/** Whether the server can stream transactions before they commit. */
export function canStreamTransactions(settings: Settings, serverVersion: number): boolean {
  const isAskedOtherwise = streamParameters(settings).some(
    ([key, value]) => key === 'streaming' || (key === 'proto_version' && value === '1'),
  );
  return (
    serverVersion >= VERSION_14 &&
    settings.config['millrace.transaction.streaming'] &&
    !isAskedOtherwise
  );
}

/** `START_REPLICATION` for a position. */
export function startReplication(
  settings: Settings,
  position: StreamPosition,
  server: { readonly version: number; readonly streamsTransactions: boolean },
): string {
  const options = new Map<string, string>();
  // Version 3 adds two-phase commit and 4 parallel apply: nothing that we would use.
  options.set('proto_version', server.streamsTransactions ? '2' : '1');
  options.set(
    'publication_names',
    `"${settings.config['publication.name'].replaceAll('"', '""')}"`,
  );
  if (server.version >= VERSION_14) options.set('messages', 'true');
  if (server.streamsTransactions) options.set('streaming', 'on');
  for (const [key, value] of streamParameters(settings)) options.set(key, value);
  const list = [...options].map(([key, value]) => `"${key}" '${value.replaceAll("'", "''")}'`);
  return `START_REPLICATION SLOT "${settings.config['slot.name']}" LOGICAL ${formatLsn(position.commitLsn)} (${list.join(', ')})`;
}

/** `slot.stream.params` */
function streamParameters(settings: Settings): readonly (readonly [string, string])[] {
  return (settings.config['slot.stream.params'] ?? '')
    .split(';')
    .map((parameter): readonly [string, string] => {
      const equals = parameter.indexOf('=');
      return equals < 0
        ? [parameter.trim(), '']
        : [parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim()];
    })
    .filter(([key]) => key !== '');
}
