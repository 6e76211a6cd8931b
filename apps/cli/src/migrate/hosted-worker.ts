import type { MillraceWorker } from '@millrace/worker';
import { RestClient } from '../rest-client.ts';
import type { MigrationFolder } from './migration-folder.ts';

/** Passwords stay in this process: the connectors' configurations, which are stored, name these variables. */
export const PASSWORD_VARIABLES = {
  source: 'MILLRACE_MIGRATION_SOURCE_PASSWORD',
  target: 'MILLRACE_MIGRATION_TARGET_PASSWORD',
} as const;

export interface HostOptions {
  readonly folder: MigrationFolder;
  readonly passwords: { readonly source: string; readonly target: string };
  readonly signal: AbortSignal;
  /** Told of lines that a person should see. */
  readonly onFailed: (error: unknown) => void;
}

/** A worker with its own log in the folder of the migration, in this process, reached on loopback alone. */
export interface HostedWorker extends AsyncDisposable {
  readonly rest: RestClient;
  /** It was running already, in another process. */
  readonly isElsewhere: boolean;
}

/** The worker that carries this migration in another process, if one does. */
export async function findWorker(folder: MigrationFolder): Promise<HostedWorker | undefined> {
  const url = folder.workerUrl();
  if (url === undefined) return undefined;
  const rest = new RestClient(url);
  if ((await rest.about()) === undefined) return undefined;
  return { rest, isElsewhere: true, [Symbol.asyncDispose]: () => Promise.resolve() };
}

export async function hostWorker(options: HostOptions): Promise<HostedWorker> {
  const { folder, passwords, signal, onFailed } = options;
  // Loaded here, so that the other commands need not wait for a server that they do not use.
  const { createLogger, loadSettings, startWorker } = await import('@millrace/worker');
  process.env[PASSWORD_VARIABLES.source] = passwords.source;
  process.env[PASSWORD_VARIABLES.target] = passwords.target;
  const settings = await loadSettings(workerConfig(folder.logFolder));
  const log = createLogger({ level: settings.app['log.level'] });
  const worker: MillraceWorker = await startWorker({
    settings,
    log,
    levels: log.levels,
    signal,
    onFailed,
  });
  const [url = ''] = worker.restUrls;
  folder.announceWorker(url);
  return {
    rest: new RestClient(url),
    isElsewhere: false,
    [Symbol.asyncDispose]: async () => {
      folder.withdrawWorker();
      await worker[Symbol.asyncDispose]();
    },
  };
}

function workerConfig(dataFolder: string): Readonly<Record<string, string>> {
  return {
    'data.dir': dataFolder,
    listeners: 'http://127.0.0.1:0',
    'broker.listeners': 'PLAINTEXT://127.0.0.1:0',
    'offset.flush.interval.ms': '500',
    // What a person must know is said by the command itself.
    'log.level': 'silent',
    'config.providers': 'env',
    'config.providers.env.class': 'env',
    'config.providers.env.param.allowlist.pattern': 'MILLRACE_MIGRATION_.*',
  };
}
