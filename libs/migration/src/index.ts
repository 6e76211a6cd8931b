export type { Finding } from './checks/finding.ts';
export { ConnectRest, type RestApi } from './follow/connect-rest.ts';
export type { Progress, TableProgress } from './follow/progress.ts';
export {
  isOver,
  runMigration,
  type MigrationEvent,
  type RunOptions,
} from './follow/run-migration.ts';
export type { ContextOptions } from './follow/migration-context.ts';
export { shownTable, type LeftBehind } from './model/catalog.ts';
export { tablesMeant, type Selection } from './model/selection.ts';
export { followSource, type SourceChanges } from './follow/source-changes.ts';
export { makePlan, type Plan, type PlanRequest } from './plan/make-plan.ts';
export type { SchemaPlan, Statement, TablePair } from './schema/schema-plan.ts';
export { migrationId, parseEndpoint, shownEndpoint, type Endpoint } from './server/endpoint.ts';
export { openSession } from './server/session.ts';
export type { Session } from './server/session-api.ts';
export type { MigrationState, Phase, StateStore } from './state.ts';
export { planRefused, wrongState } from './errors.ts';
export { Way } from './follow/migration-context.ts';
export { Watermark } from './follow/watermark.ts';
export { verify, type TableResult } from './verify/verify.ts';
export { tablesDiffer } from './errors.ts';
export { cutover, type CutoverEvent, type CutoverOptions } from './cutover/cutover.ts';
