export { postgresSinkConfig, postgresSourceConfig, SCHEMALESS_JSON } from './connector-configs.ts';
export { canInstall, installPackages } from './debian.ts';
export { serverFailed, serverMissing } from './errors.ts';
export { findFreePort, isFree } from './free-port.ts';
export {
  MillraceServer,
  startMillrace,
  type ConnectorFile,
  type ConnectorStatus,
  type MetricLine,
  type MillraceOptions,
} from './millrace.ts';
export {
  MysqlServer,
  startMariadb,
  startMysql,
  type MysqlFlavour,
  type MysqlOptions,
} from './mysql.ts';
export { PostgresServer, startPostgres, type PostgresOptions } from './postgres.ts';
export { findPostgresPrograms, type PostgresPrograms } from './postgres-programs.ts';
export { ServerProcess, type ServerProcessOptions, type UnixUser } from './server-process.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { findTool } from './tools.ts';
export { unprivilegedUser } from './unix-user.ts';
export { findMariadbPrograms, findMysqlPrograms, type MysqlPrograms } from './mysql-programs.ts';
