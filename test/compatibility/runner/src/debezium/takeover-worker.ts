import { appendFileSync } from 'node:fs';
import { connectSettings, ConnectWorker } from '../connect-worker.ts';
import type { KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import { Peer } from './peers.ts';

/** Debezium on Kafka Connect, or Millrace: members of one group on one Kafka cluster, one after the other. */
export interface TakeoverWorker {
  readonly peer: Peer;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface TakeoverWorkerOptions {
  readonly lab: Lab;
  readonly jars: KafkaJars;
  /** `host:port` of the cluster. */
  readonly address: string;
  /** Folders of plugins. */
  readonly plugins: readonly string[];
}

export async function startTakeoverWorker(
  who: 'debezium' | 'ours',
  { address, jars, lab, plugins }: TakeoverWorkerOptions,
): Promise<TakeoverWorker> {
  if (who === 'ours') {
    const { server } = await lab.startWorker(connectSettings(address, jars));
    const peer = new Peer(server.rest, address);
    const end = async (how: () => Promise<void>): Promise<void> => {
      appendFileSync(lab.logFile, `${server.output}\n`);
      await peer.close();
      await how();
    };
    return { peer, stop: () => end(() => server.stop()), kill: () => end(() => server.kill()) };
  }
  const settings = { 'plugin.path': plugins.join() };
  const folder = lab.makeFolder();
  const worker = await ConnectWorker.start({
    ...{ lab, jars, address, folder, settings },
    jvm: ['-Xmx512m'],
  });
  await worker.untilAnswers();
  const peer = new Peer(worker.url, address);
  const end = async (how: () => Promise<void>): Promise<void> => {
    appendFileSync(lab.logFile, `${worker.output}\n`);
    await peer.close();
    await how();
  };
  return { peer, stop: () => end(() => worker.stop()), kill: () => end(() => worker.kill()) };
}
