export { unusedWorkerKeys, workerKeyProblems } from './config/client-overrides.ts';
export { workerFields } from './config/worker-fields.ts';
export type { DeadLetterPage, DeadLetterQuery } from './dead-letters/dead-letters.ts';
export type { DeadLetterView, ReadableBytes } from './dead-letters/letter-view.ts';
export type { ReplayProblem, ReplayRequest, ReplayStatus } from './dead-letters/replay-status.ts';
export type { LetterSelection } from './dead-letters/selection.ts';
export type { ConnectorErrors, ErrorDesk } from './error-desk.ts';
export type { ErrorGroup } from './errors/error-groups.ts';
export type {
  ConfigInfos,
  ConfigKeyInfo,
  ConfigValueInfo,
  ConnectorConfig,
  ConnectorInfo,
  ConnectorOffsets,
  ConnectorState,
  ConnectorStatus,
  ConnectorType,
  CreateConnector,
  Herder,
  PluginInfo,
  RawConnectorConfig,
  TargetState,
  TaskConfig,
  TaskId,
  TaskState,
  TaskStatus,
} from './herder.ts';
export type { Connections, OwnClient } from './clients/own-clients.ts';
export type { LogClient } from './clients/log-client.ts';
export { OfflineValidator, type OfflineProblem } from './config/offline-validation.ts';
export { openWorker, type WorkerOptions } from './open-worker.ts';
export type {
  InstalledPlugin,
  PluginListing,
  PluginProblem,
  PluginReport,
} from './plugins/installed-plugin.ts';
export { serveTask, type ThreadParts } from './isolation/serve-task.ts';
export type { TaskThreads } from './isolation/thread-runner.ts';
export { openPluginRegistry } from './plugins/open-plugin-registry.ts';
export { checkPlugin, looksLikePlugin } from './plugins/plugin-shape.ts';
export { PluginRegistry, type AnyPlugin, type ConnectorPlugin } from './plugins/plugin-registry.ts';
export { CONTEXTS_MAX, type CarriedContexts, type TraceContext } from './tracing/record-headers.ts';
export type { StageSpan, TaskTracer, Tracer, TransactionSpan } from './tracing/tracer.ts';
export type { Worker } from './worker.ts';
