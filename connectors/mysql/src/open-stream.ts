import type { Logger } from '@millrace/foundation';
import { openBinlog, type BinlogReader } from './binlog/reader.ts';
import { Session } from './connection.ts';
import { planStream } from './handover.ts';
import type { OffsetPosition } from './position.ts';
import { handleDdl } from './schema/ddl-handler.ts';
import { startHistory } from './schema/history-start.ts';
import type { SessionSource } from './schema/tables.ts';
import { readServerFacts } from './server.ts';
import type { Settings } from './settings.ts';
import { ChangeStream, type StreamWatch } from './stream.ts';
import type { TaskState } from './task-state.ts';

/** A server that is asked for no heartbeat is not taken for gone. */
const SILENCE_UNLIMITED_MS = 2 ** 31;

/** A connection that streams, with what lives and ends with it. */
export interface OpenStream {
  readonly changes: ChangeStream;
  readonly reader: BinlogReader;
  readonly session: Session;
}

export interface OpenStreamOptions {
  readonly state: TaskState;
  readonly position: OffsetPosition;
  readonly sessions: SessionSource;
  readonly watch: StreamWatch;
  /** The tables are known at this place already. */
  readonly hasHistory: boolean;
  readonly signal: AbortSignal;
  /** Ends with the task. */
  readonly stop: AbortSignal;
}

/** Asks the server for its binlog from the position on. @throws MillraceError when it can't go on there */
export async function openStream(options: OpenStreamOptions): Promise<OpenStream> {
  const { position, sessions, signal, state } = options;
  const { settings, context, history, tables } = state;
  const { clock, log } = context;
  const control = await sessions();
  const facts = await readServerFacts(control);
  const start = await planStream({ settings, session: control, facts, log, position });
  if (history !== null && !options.hasHistory)
    await startHistory({
      ...{ settings, history, tables, session: control, facts, clock, log, signal },
      position: start.position,
    });
  const session = await Session.openBare(settings, signal);
  try {
    await setTimeouts(session, settings);
    const reader = await session.untilAborted(signal, () =>
      openReader(session, settings, start.from, clock),
    );
    const changes = new ChangeStream({
      ...{ settings, reader, sessions, tables, clock, log },
      topics: state.topics,
      task: state.task,
      counter: state.counter,
      position: start.position,
      server: facts.identity,
      watch: options.watch,
      onDdl: (event) =>
        handleDdl(event, {
          ...{ settings, clock, tables, sessions, history },
          topics: state.topics,
          signal: options.stop,
        }),
    });
    announce(log, start.position);
    return { changes, reader, session };
  } catch (error) {
    session.abandon();
    throw session.classify(error);
  }
}

function announce(log: Logger, { file, gtids, position }: OffsetPosition): void {
  log.info({ file, position, gtids }, 'streaming');
}

function openReader(
  session: Session,
  settings: Settings,
  start: Parameters<typeof openBinlog>[0]['start'],
  clock: Parameters<typeof openBinlog>[0]['clock'],
): Promise<BinlogReader> {
  const { config, flavour } = settings;
  const silenceMaxMs = config['connect.keep.alive']
    ? config['connect.keep.alive.interval.ms']
    : SILENCE_UNLIMITED_MS;
  return openBinlog({
    connection: session.connection,
    flavour,
    classify: (error) => session.classify(error),
    serverId: config['database.server.id'],
    sendsStatements: config['include.query'],
    start,
    heartbeatMs: Math.floor(Math.min(silenceMaxMs, 60_000) / 2),
    silenceMaxMs,
    bufferBytesMax: settings.queueBytesMax,
    unpackedBytesMax: config['binlog.transaction.unpacked.bytes.max'],
    clock,
  });
}

async function setTimeouts(session: Session, { config }: Settings): Promise<void> {
  const timeouts = {
    net_write_timeout: config['binlog.net.write.timeout'],
    net_read_timeout: config['binlog.net.read.timeout'],
  };
  for (const [name, seconds] of Object.entries(timeouts))
    if (seconds > 0) await session.execute(`SET SESSION ${name} = ${seconds}`);
}
