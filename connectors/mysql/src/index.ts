export { mariadbSource, mysqlSource } from './connector.ts';
export { mariadbFields, mysqlFields } from './fields.ts';
