export { UNAVAILABLE_HEADER, UNAVAILABLE_PLACEHOLDER } from './change.ts';
export { confluentJdbcSink, debeziumJdbcSink } from './connectors.ts';
export { TargetError, type FaultScope } from './errors.ts';
