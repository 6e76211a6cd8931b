import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

const BROKERS = 1;

export const describeClusterHandler: ServedApi = serve(
  apis.describeCluster,
  ({ endpointType }, { core, context }) => {
    if (endpointType !== BROKERS) {
      return {
        errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
        errorMessage: 'The request was sent to an endpoint of type BROKER.',
        endpointType: BROKERS,
        clusterId: core.clusterId,
        brokers: [],
      };
    }
    const { host, port } = core.addressFor(context);
    const rack = core.settings.values['broker.rack'];
    return {
      errorCode: ErrorCode.NONE,
      endpointType: BROKERS,
      clusterId: core.clusterId,
      controllerId: core.nodeId,
      brokers: [{ brokerId: core.nodeId, host, port, rack }],
    };
  },
);
