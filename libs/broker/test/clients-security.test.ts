import {
  Admin as PlatformaticAdmin,
  Producer as PlatformaticProducer,
  stringSerializers,
} from '@platformatic/kafka';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { BrokerContext } from './broker-context.ts';
import { Certificates } from './security-fixtures.ts';

const USERS = 'PlainLoginModule required user_alice="alice-secret";';

let certificates: Certificates;
let context: BrokerContext;
let ca: string;
beforeAll(async () => {
  certificates = await Certificates.make();
  ca = await certificates.read('ca.pem');
  context = await BrokerContext.open({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0,SASL_SSL://127.0.0.1:0,SSL://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'plain.sasl.jaas.config': USERS,
      'sasl.scram.bootstrap.users':
        'SCRAM-SHA-256=[name=alice,password=alice-secret];SCRAM-SHA-512=[name=alice,password=alice-secret]',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': certificates.path('server.all.pem'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': certificates.path('ca.pem'),
      'listener.name.ssl.ssl.client.auth': 'required',
      'listener.name.ssl.ssl.principal.mapping.rules': 'RULE:^CN=(.*?),.*$/$1/L,DEFAULT',
      'authorizer.class.name': 'standard',
      'super.users': 'User:alice',
    },
  });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await certificates[Symbol.asyncDispose]();
});

function bootstrapOf(listener: number): string {
  return `127.0.0.1:${context.broker.addresses[listener]?.port ?? 0}`;
}

function unsecuredToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: seconds, exp: seconds + 600 })}.`;
}

const credentials = { username: 'alice', password: 'alice-secret' };

async function kafkaJsRoundTrip(
  name: string,
  listener: number,
  more: Partial<KafkaConfig>,
): Promise<void> {
  const kafka = new Kafka({
    clientId: name,
    brokers: [bootstrapOf(listener)],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    ...more,
  });
  const topic = `kafkajs-${name}`;
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'v' }] });
    await producer.disconnect();
    const [offsets] = await admin.fetchTopicOffsets(topic);
    expect([name, offsets?.high]).toEqual([name, '1']);
  } finally {
    await admin.disconnect();
  }
}

test('KafkaJS gets in by every mechanism, over TCP and TLS, and by its certificate', async () => {
  const tls = { ca: [ca] };
  await kafkaJsRoundTrip('plain', 0, { sasl: { mechanism: 'plain', ...credentials } });
  await kafkaJsRoundTrip('scram-256', 0, { sasl: { mechanism: 'scram-sha-256', ...credentials } });
  await kafkaJsRoundTrip('scram-512', 1, {
    ssl: tls,
    sasl: { mechanism: 'scram-sha-512', ...credentials },
  });
  await kafkaJsRoundTrip('bearer', 1, {
    ssl: tls,
    sasl: {
      mechanism: 'oauthbearer',
      oauthBearerProvider: () => Promise.resolve({ value: unsecuredToken() }),
    },
  });
  const [cert, key] = [
    await certificates.read('client.pem'),
    await certificates.read('client.key'),
  ];
  await kafkaJsRoundTrip('certificate', 2, { ssl: { ...tls, cert, key } });
});

test('KafkaJS is told that a password is wrong, and that a certificate is missing', async () => {
  const wrong = { mechanism: 'plain', username: 'alice', password: 'wrong' } as const;
  await expect(kafkaJsRoundTrip('wrong', 0, { sasl: wrong })).rejects.toThrow(
    /Invalid username or password/,
  );
  await expect(kafkaJsRoundTrip('nobody', 2, { ssl: { ca: [ca] } })).rejects.toThrow();
});

test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  '@platformatic/kafka gets in by %s over TLS',
  async (mechanism) => {
    const options = {
      clientId: mechanism,
      bootstrapBrokers: [bootstrapOf(1)],
      tls: { ca },
      sasl: { mechanism, ...credentials },
    };
    const topic = `platformatic-${mechanism}`;
    const admin = new PlatformaticAdmin(options);
    const producer = new PlatformaticProducer({ ...options, serializers: stringSerializers });
    try {
      await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
      const sent = await producer.send({ messages: [{ topic, value: 'v' }] });
      expect(sent.offsets?.[0]?.offset).toBe(0n);
    } finally {
      await producer.close();
      await admin.close();
    }
  },
);
