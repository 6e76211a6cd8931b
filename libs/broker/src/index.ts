export type { BrokerLoggers } from './broker-loggers.ts';
export { openBroker, type Broker, type BrokerOptions } from './broker.ts';
export { brokerFields } from './fields.ts';
export { InProcessTransport } from './in-process-transport.ts';
export type { Listener } from './network/listeners.ts';
export { topicFields } from './topic-fields.ts';
