export { TargetError, type FaultScope } from './errors.ts';
export { UNAVAILABLE_HEADER, UNAVAILABLE_PLACEHOLDER } from './sink/change.ts';
export { confluentJdbcSink, debeziumJdbcSink } from './sink/connectors.ts';
export { jdbcSource } from './source/connector.ts';
