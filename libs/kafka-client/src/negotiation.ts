import { apis, type Api } from '@millrace/kafka-protocol';
import { apiNotServed } from './errors.ts';
import type { Connection, VersionRange } from './transport.ts';

const SOFTWARE_NAME = 'millrace';
const SOFTWARE_VERSION = '0.1.0';
const UNSUPPORTED_VERSION = 35;

/** How the first request of a connection is sent. */
export type SendFirst = <Req, Res>(
  api: Api<Req, Res>,
  version: number,
  request: Req,
) => Promise<Res>;

/** Asks the peer which versions it serves, falling back when ours of the question is too new. */
export async function negotiate(send: SendFirst): Promise<ReadonlyMap<number, VersionRange>> {
  const request = {
    clientSoftwareName: SOFTWARE_NAME,
    clientSoftwareVersion: SOFTWARE_VERSION,
  };
  let version = apis.apiVersions.maxVersion;
  for (;;) {
    const { errorCode, apiKeys } = await send(apis.apiVersions, version, request);
    const ranges = new Map<number, VersionRange>(
      apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        apiKey,
        { min: minVersion, max: maxVersion },
      ]),
    );
    if (errorCode === 0) return ranges;
    if (errorCode !== UNSUPPORTED_VERSION || version === 0) {
      throw apiNotServed('ApiVersions', `refuses (error ${errorCode})`);
    }
    // The refusal names the range since Kafka 2.4; before, version 0 is always right.
    version = Math.min(ranges.get(apis.apiVersions.key)?.max ?? 0, version - 1);
  }
}

/** The newest version that both sides know, and not above `versionMax`. */
export function chooseVersion<Req, Res>(
  api: Api<Req, Res>,
  versions: ReadonlyMap<number, VersionRange>,
  versionMax: number = api.maxVersion,
): number {
  const peer = versions.get(api.key);
  if (peer === undefined) throw apiNotServed(api.name, 'does not serve');
  const version = Math.min(versionMax, api.maxVersion, peer.max);
  if (version < Math.max(api.minVersion, peer.min)) {
    throw apiNotServed(
      api.name,
      `serves versions ${peer.min} to ${peer.max} and not ${api.minVersion} to ${versionMax} of`,
    );
  }
  return version;
}

export function hasVersion<Req, Res>(
  connection: Connection,
  api: Api<Req, Res>,
  version: number,
): boolean {
  const peer = connection.versions.get(api.key);
  return peer !== undefined && peer.min <= version && version <= peer.max;
}
