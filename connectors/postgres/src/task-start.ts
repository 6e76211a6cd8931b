import { COMMON_UNUSED, Heartbeats, Reselector, warnOfUnused } from '@millrace/cdc';
import type { SourceTaskContext } from '@millrace/connector-api';
import type { SourceOffset } from '@millrace/record';
import { ConnectBackOff } from './back-off.ts';
import { checkServer } from './check.ts';
import { UNUSED } from './fields/runtime-fields.ts';
import { ControlSession } from './control-session.ts';
import { prepareServer, throwLasting } from './preparation.ts';
import { rowReselection } from './row-reselection.ts';
import type { Settings } from './settings.ts';
import { SignalDesk } from './signals/signal-desk.ts';
import { taskStateOf, type TaskState } from './task-state.ts';

/** What a task holds from its start to its stop. */
export interface Started {
  readonly state: TaskState;
  readonly control: ControlSession;
  readonly desk: SignalDesk;
  readonly backOff: ConnectBackOff;
  readonly heartbeats: Heartbeats;
  readonly reselector: Reselector;
  readonly serverVersion: number;
  readonly walSenderTimeoutMs: number;
}

export interface StartOptions {
  readonly context: SourceTaskContext;
  readonly settings: Settings;
  /** Ends this call. */
  readonly signal: AbortSignal;
  /** Ends what goes on behind it. */
  readonly stop: AbortSignal;
  /** Keys of a snapshot in progress, and where the stream stops for it. */
  readonly snapshotExtras: () => SourceOffset | null;
  readonly snapshotStopLsn: () => number;
}

/** Checks the server and makes what is missing there. @throws MillraceError with all problems */
export async function startTask(options: StartOptions): Promise<Started> {
  const { context, settings, signal, stop } = options;
  const state = taskStateOf(context, settings);
  const control = new ControlSession(settings, context.clock, stop);
  const session = await control.open(signal);
  const result = await checkServer(session, settings).catch(async (error: unknown) => {
    await control.close();
    throw error;
  });
  throwLasting(result);
  for (const { code, message, hint } of result.warnings) context.log.warn({ code, hint }, message);
  warnOfUnused(context.config, { ...COMMON_UNUSED, ...UNUSED }, context.log);
  await state.spillFolder.clean();
  const walSenderTimeoutMs = await prepareServer(session, state, result);
  const { partition, relations, task, notifier } = state;
  return {
    state,
    control,
    desk: new SignalDesk({
      settings,
      context,
      partition,
      offset: context.offsets.find(partition),
      sessions: () => control.get(),
      relations,
      task,
      notifier,
      signal: stop,
      snapshotExtras: options.snapshotExtras,
      snapshotStopLsn: options.snapshotStopLsn,
    }),
    backOff: new ConnectBackOff(settings, context.random),
    heartbeats: new Heartbeats({
      config: settings.config,
      topic: state.topics.heartbeat(),
      serverName: settings.config['topic.prefix'],
      partition,
      clock: context.clock,
      log: context.log,
      execute: async (query) => (await control.get()).query(query),
    }),
    reselector: new Reselector({
      rules: settings.reselect,
      rows: rowReselection(() => control.get()),
      log: context.log,
    }),
    serverVersion: result.serverVersion,
    walSenderTimeoutMs,
  };
}
