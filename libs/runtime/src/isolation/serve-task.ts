import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import {
  errorToData,
  isAborted,
  systemClock,
  systemRandom,
  type ErrorData,
  type LogFields,
  type Logger,
} from '@millrace/foundation';
import { connectorRedactor } from '../config/connector-redactor.ts';
import { resolveWorkerSettings } from '../config/worker-fields.ts';
import { noFigures, runnerOf } from '../tasks/runner-of.ts';
import { conflict } from '../errors.ts';
import type { Connections } from '../clients/own-clients.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { openOffsetStores } from '../stores/open-offset-stores.ts';
import { plainWriter } from '../stores/table-writer.ts';
import type { TaskEnvironment, TaskRunner } from '../tasks/task-runner.ts';
import type { Tracer } from '../tracing/tracer.ts';
import {
  HEARTBEAT_MS,
  type FromThread,
  type LogLevel,
  type ThreadTask,
  type ToThread,
} from './thread-messages.ts';
import { ReplayServer } from './thread-replays.ts';

/** What the thread has of its own; opened when the task is known. */
export interface ThreadParts extends AsyncDisposable {
  readonly client: LogClient;
  readonly connections?: Connections;
  readonly registry: PluginRegistry;
  /** Where spans go, if anywhere; the thread sends its own. */
  readonly tracer?: Tracer;
}

/** The thread's half of a `ThreadRunner`: runs the one task that the port names, and tells how it goes. */
export function serveTask(port: MessagePort, open: (log: Logger) => Promise<ThreadParts>): void {
  const server = new TaskServer(port, open);
  port.on('message', (message: ToThread) => server.take(message));
}

class TaskServer {
  readonly #port: MessagePort;
  readonly #open: (log: Logger) => Promise<ThreadParts>;
  readonly #stop = new AbortController();
  readonly #done = new AbortController();
  readonly #replays = new ReplayServer((answer) => this.#tell(answer));
  #runner: TaskRunner | undefined;
  #isPaused = false;

  constructor(port: MessagePort, open: (log: Logger) => Promise<ThreadParts>) {
    this.#port = port;
    this.#open = open;
  }

  take(message: ToThread): void {
    switch (message.kind) {
      case 'run':
        this.#isPaused = message.task.isPaused;
        void this.#run(message.task);
        break;
      case 'pause':
        this.#isPaused = message.isPaused;
        this.#runner?.setPaused(message.isPaused);
        break;
      case 'forget-topics':
        this.#runner?.forgetTopics();
        break;
      case 'stop':
        this.#stop.abort(new Error('the task was asked to stop'));
        this.#runner?.requestStop();
        break;
      case 'replay':
        void this.#replays.run(message.id, (signal) => {
          const done = this.#runner?.replay?.(message.records, signal);
          return done ?? Promise.reject(conflict('the task is not running'));
        });
        break;
      case 'cancel-replay':
        this.#replays.cancel(message.id);
        break;
    }
  }

  async #run(task: ThreadTask): Promise<void> {
    const beating = this.#beat();
    let failure: ErrorData | undefined;
    try {
      await this.#runTask(task);
    } catch (error) {
      failure = errorToData(error);
    }
    this.#done.abort();
    await beating;
    this.#tell({ kind: 'ended', failure });
  }

  async #runTask(task: ThreadTask): Promise<void> {
    const log = this.#logger({});
    await using parts = await this.#open(log);
    const worker = resolveWorkerSettings(task.workerConfig, task.isLogEmbedded);
    const { client, registry, tracer, connections } = parts;
    const ports = { client, worker, clock: systemClock, log };
    const producer = client.producer({ acks: 'all', enableIdempotence: true, lingerMs: 0 });
    const writer = plainWriter(producer);
    try {
      const ownTopic = task.config['offsets.storage.topic'];
      const topicsInUse = (): ReadonlySet<string> =>
        new Set(ownTopic === undefined ? [] : [ownTopic]);
      const offsets = await openOffsetStores({ ...ports, writer, topicsInUse }).of(ownTopic);
      const plugin = registry.connector(
        task.config['connector.class'] ?? '',
        task.config['connector.plugin.version'],
      );
      const { connector, task: id, config, taskConfig, template } = task;
      const environment: TaskEnvironment = {
        ...ports,
        workersClient: client,
        ...(connections === undefined ? {} : { connections }),
        connector,
        task: id,
        config,
        taskConfig,
        registry,
        offsets,
        random: systemRandom,
        ...(tracer === undefined ? {} : { tracer }),
        redact: connectorRedactor(
          { plugin, resolved: config, stored: template, taskConfig },
          { registry, worker },
        ),
        onTopic: (topic) => this.#tell({ kind: 'topic', topic }),
        onError: (sighting) =>
          this.#tell({
            kind: 'error',
            sighting: { ...sighting, error: errorToData(sighting.error) },
          }),
        onState: (state) => this.#tell({ kind: 'state', state }),
        onMember: ({ groupId, memberId }) =>
          this.#tell({ kind: 'member', member: { groupId, memberId } }),
      };
      if (isAborted(this.#stop.signal)) return;
      this.#runner = runnerOf(plugin, environment);
      this.#runner.setPaused(this.#isPaused);
      await this.#runner.run();
    } finally {
      await writer.close();
    }
  }

  /** Figures, and with them the sign that this thread still comes round. */
  async #beat(): Promise<void> {
    const { signal } = this.#done;
    this.#tellFigures();
    while (!isAborted(signal)) {
      await systemClock.sleep(HEARTBEAT_MS, signal).catch(() => undefined);
      this.#tellFigures();
    }
  }

  #tellFigures(): void {
    this.#tell({
      kind: 'figures',
      figures: this.#runner?.figures() ?? noFigures(),
      owned: this.#runner?.owned?.(),
    });
  }

  #tell(message: FromThread): void {
    this.#port.postMessage(message);
  }

  #logger(bound: LogFields): Logger {
    const write =
      (level: LogLevel) =>
      (fields: LogFields, message: string): void => {
        this.#tell({ kind: 'log', level, ...crossing({ ...bound, ...fields }), message });
      };
    return {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    };
  }
}

/** Errors cross as data; of the rest what a log line can show. */
function crossing(fields: LogFields): {
  readonly fields: LogFields;
  readonly errors: Readonly<Record<string, ErrorData>>;
} {
  const shown: Record<string, unknown> = {};
  const errors: Record<string, ErrorData> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Error) errors[key] = errorToData(value);
    else shown[key] = isShown(value) ? value : inspect(value);
  }
  return { fields: shown, errors };
}

function isShown(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}
