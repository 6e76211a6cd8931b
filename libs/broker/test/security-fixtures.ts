import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  TcpTransport,
  type PasswordOptions,
  type TcpTransportOptions,
} from '@millrace/kafka-client';
import { RawClient, type BrokerContext } from './broker-context.ts';

const run = promisify(execFile);

export const PLAIN_USERS =
  'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret" user_bob="bob;s \\"secret\\"";';

/** A certificate authority with a server and a client, made for one test and thrown away. */
export class Certificates implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Certificates> {
    const made = new Certificates(await mkdtemp(join(tmpdir(), 'millrace-tls-')));
    await made.#openssl(
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-CA',
    );
    await made.issue('server', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    await made.issue('client', '/C=DE/O=Mill, Race/OU=Log/CN=alice');
    return made;
  }

  /** Makes `<name>.key`, `<name>.pem` and both in `<name>.all.pem`. */
  async issue(name: string, subject: string, extension?: string): Promise<void> {
    await this.#openssl(
      `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key -out ${name}.csr`,
      '-subj',
      subject,
    );
    await writeFile(join(this.folder, 'ext'), extension ?? 'extendedKeyUsage=clientAuth');
    await this.#openssl(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${name}.pem -days 2 -extfile ext`,
    );
    const both = (await this.read(`${name}.key`)) + (await this.read(`${name}.pem`));
    await writeFile(this.path(`${name}.all.pem`), both);
  }

  /** With the certificate of the authority in it, as keytool makes it too. */
  async pkcs12(name: string, password: string): Promise<string> {
    await this.#openssl(
      `pkcs12 -export -inkey ${name}.key -in ${name}.pem -certfile ca.pem -out ${name}.p12 -passout pass:${password}`,
    );
    return this.path(`${name}.p12`);
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  async #openssl(command: string, ...more: readonly string[]): Promise<void> {
    await run('openssl', [...command.split(' '), ...more], { cwd: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A client of our own for a listener with TLS or SASL. The caller closes its connection. */
export async function secureClient(
  context: BrokerContext,
  options: { readonly listener?: number } & Partial<TcpTransportOptions> = {},
): Promise<RawClient> {
  const { listener = 0, ...transport } = options;
  const port = context.broker.addresses[listener]?.port ?? 0;
  const connecting = new TcpTransport({
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    ...transport,
  }).connect({ host: '127.0.0.1', port }, new AbortController().signal);
  return new RawClient(await connecting);
}

export function login(
  mechanism: PasswordOptions['mechanism'],
  username: string,
  password: string,
): PasswordOptions {
  return { mechanism, username, password };
}
