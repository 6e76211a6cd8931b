import { deferred, describeError, isAborted, MillraceError } from '@millrace/foundation';
import type { CreateConnector } from '@millrace/runtime';
import type { MillraceWorker } from '@millrace/worker';
import type { CliIo } from './cli-io.ts';
import { parseConnectorFile } from './connector-file.ts';
import { parseSetting, readText, readWorkerFile, workerEnvironment } from './config.ts';
import { twoFilesForOne } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportProblems } from './problems.ts';

export interface StartArguments {
  readonly config: string | undefined;
  readonly set: readonly string[];
  readonly connectorFiles: readonly string[];
}

/** Runs a worker until the process is asked to stop. */
export async function start(options: StartArguments, io: CliIo): Promise<ExitCode> {
  // Loaded here, so that the other commands need not wait for a server that they do not use.
  const { configFromEnvironment, createLogger, loadSettings, startWorker } =
    await import('@millrace/worker');
  const problems: unknown[] = [];
  const attempt = collector(problems);
  const file = attempt(() => (options.config === undefined ? {} : readWorkerFile(options.config)));
  const set = attempt(() => Object.fromEntries(options.set.map(parseSetting)));
  const connectors = options.connectorFiles.map((name) =>
    attempt(() => parseConnectorFile(name, readText(name))),
  );
  const settings = await loadSettings({
    ...file,
    ...configFromEnvironment(workerEnvironment()),
    ...set,
  }).catch((error: unknown) => {
    problems.push(error);
    return undefined;
  });
  problems.push(...duplicateNames(connectors));
  if (problems.length > 0 || settings === undefined) return reportProblems(problems, io);

  const log = createLogger({ level: settings.app['log.level'] });
  const failed = deferred<unknown>();
  let worker: MillraceWorker;
  try {
    worker = await startWorker({
      settings,
      log,
      levels: log.levels,
      signal: io.stop,
      onFailed: (error) => failed.resolve(error),
    });
  } catch (error) {
    if (isAborted(io.stop)) return EXIT.done;
    return reportProblems([error], io);
  }
  try {
    const failures = await applyConnectors(worker, connectors);
    if (failures.length > 0) return reportProblems(failures, io);
    io.out(
      `millrace ready in ${Math.round(performance.now())} ms: REST ${worker.restUrls.join(', ')}, ${worker.isEmbedded ? 'log' : 'Kafka'} ${worker.logAddresses.join(', ')}${registryOf(worker.registryUrls)}`,
    );
    const failure = await Promise.race([aborted(io.stop), failed.promise]);
    if (failure !== undefined) return reportProblems([failure], io);
    log.info({}, 'stopping: draining tasks and committing offsets');
    return EXIT.done;
  } finally {
    await worker[Symbol.asyncDispose]();
  }
}

/** Runs each step even if an earlier one failed, so that every problem is named at once. */
function collector(problems: unknown[]): <T>(step: () => T) => T | undefined {
  return (step) => {
    try {
      return step();
    } catch (error) {
      problems.push(error);
      return undefined;
    }
  };
}

function duplicateNames(connectors: readonly (CreateConnector | undefined)[]): readonly unknown[] {
  const names = connectors.flatMap((connector) => connector?.name ?? []);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => twoFilesForOne(name));
}

/** Creates what is new and updates what exists; all failures are returned. */
async function applyConnectors(
  { herder }: MillraceWorker,
  connectors: readonly (CreateConnector | undefined)[],
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const existing = new Set(herder.connectors());
  for (const connector of connectors) {
    if (connector === undefined) continue;
    try {
      if (existing.has(connector.name))
        await herder.putConnectorConfig(connector.name, connector.config);
      else await herder.createConnector(connector);
    } catch (error) {
      failures.push(inConnector(connector.name, error));
    }
  }
  return failures;
}

function inConnector(name: string, cause: unknown): unknown {
  if (!(cause instanceof MillraceError)) return cause;
  return new MillraceError({
    code: cause.code,
    retry: cause.retry,
    message: `connector "${name}" is refused`,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    cause: new Error(describeError(cause)),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (isAborted(signal)) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function registryOf(urls: readonly string[]): string {
  return urls.length === 0 ? '' : `, schema registry ${urls.join(', ')}`;
}
