import { apis, ErrorCode, type ShareGroupHeartbeatResponseInput } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** As Kafka 4.1 without `share.version`: a share consumer (KIP-932) that isn't told this polls for ever. */
export const shareGroupHeartbeatHandler: ServedApi = serve(
  apis.shareGroupHeartbeat,
  (): ShareGroupHeartbeatResponseInput => ({ errorCode: ErrorCode.UNSUPPORTED_VERSION }),
);
