import { ConfigError, type ConfigProblem } from '@millrace/config';
import type { Clock, Logger, Random } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type BrokerAddress,
  type Transport,
} from '@millrace/kafka-client';
import type { Connections } from '@millrace/runtime';
import { kafkaSecurity, type KafkaSecurity } from './kafka-security.ts';
import { CLIENT_ID } from './log-access.ts';

type FlatConfig = Readonly<Record<string, string>>;

export interface ConnectionPorts {
  /** Of the worker's own connection. */
  readonly brokers: readonly BrokerAddress[];
  /** Into the log of this process, for who only wants to be called otherwise; undefined with Kafka. */
  readonly inProcess?: ((clientId: string) => Transport) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface Target {
  readonly clientId: string;
  readonly bootstrap: readonly BrokerAddress[];
  readonly security: KafkaSecurity;
}

/** Connections of connectors that are to be connected as another user, or to another cluster, than the worker. */
export function connectionsBeside(ports: ConnectionPorts): Connections {
  const { brokers, inProcess, clock, random, log } = ports;
  return {
    problems: (config) => {
      const problems: ConfigProblem[] = [];
      targetOf(config, brokers, problems);
      return problems;
    },
    open: (config) => {
      const problems: ConfigProblem[] = [];
      const { clientId, bootstrap, security } = targetOf(config, brokers, problems);
      if (problems.length > 0) throw new ConfigError('connection of the connector', problems);
      const isOnlyNamed = Object.keys(config).every((key) => key === 'client.id');
      const transport =
        inProcess !== undefined && isOnlyNamed
          ? inProcess(clientId)
          : new TcpTransport({ clientId, clock, random, log, ...security });
      return new KafkaClient({ bootstrap, transport, clock, random, log });
    },
  };
}

function targetOf(
  config: FlatConfig,
  brokers: readonly BrokerAddress[],
  problems: ConfigProblem[],
): Target {
  const servers = config['bootstrap.servers'];
  return {
    clientId: config['client.id'] ?? CLIENT_ID,
    bootstrap: servers === undefined ? brokers : bootstrapFrom(servers, problems),
    security: kafkaSecurity(config, problems),
  };
}

function bootstrapFrom(servers: string, problems: ConfigProblem[]): readonly BrokerAddress[] {
  try {
    return parseBootstrap(servers);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({
      key: 'bootstrap.servers',
      message: `Invalid value ${servers} for configuration bootstrap.servers: ${message}`,
    });
    return [];
  }
}
