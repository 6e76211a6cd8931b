import { confluentPython } from './suites/confluent-python.ts';
import { confluentSerializers } from './suites/confluent-serializers.ts';
import { connectRest } from './suites/connect-rest.ts';
import { connectTakeover, connectTakeoverExactlyOnce } from './suites/connect-takeover.ts';
import { debeziumTakeover } from './suites/debezium-takeover.ts';
import { debeziumPostgres } from './suites/debezium-postgres.ts';
import { debeziumBinlogTakeover } from './suites/debezium-binlog-takeover.ts';
import { debeziumMariadb, debeziumMysql } from './suites/debezium-binlog.ts';
import { franzGo } from './suites/franz-go.ts';
import { kafkaAcls } from './suites/kafka-acls.ts';
import { kafkaConnect } from './suites/kafka-connect.ts';
import { kafkaGo } from './suites/kafka-go.ts';
import { kafkaJava } from './suites/kafka-java.ts';
import { kafkaPython } from './suites/kafka-python.ts';
import { kafkaTools } from './suites/kafka-tools.ts';
import { librdkafka, librdkafka848 } from './suites/librdkafka.ts';
import { platformatic } from './suites/platformatic.ts';
import { runtimeOnKafka, runtimeOnTcp } from './suites/runtime-on-kafka.ts';
import { schemaRegistry } from './suites/schema-registry.ts';
import type { Suite } from './suite.ts';

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  kafkaTools,
  kafkaJava,
  kafkaAcls,
  kafkaConnect,
  connectRest,
  connectTakeover,
  connectTakeoverExactlyOnce,
  debeziumPostgres,
  debeziumTakeover,
  debeziumMysql,
  debeziumMariadb,
  debeziumBinlogTakeover,
  runtimeOnTcp,
  runtimeOnKafka,
  confluentPython,
  confluentSerializers,
  schemaRegistry,
  kafkaPython,
  franzGo,
  kafkaGo,
  platformatic,
  librdkafka,
  librdkafka848,
];
