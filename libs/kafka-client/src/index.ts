export type {
  BrokerAddress,
  Connection,
  RequestOptions,
  Transport,
  VersionRange,
} from './transport.ts';
