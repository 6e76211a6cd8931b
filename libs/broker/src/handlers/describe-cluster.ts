import { apis, ErrorCode, type DescribeClusterResponseInput } from '@millrace/kafka-protocol';
import { ALL_CLUSTER_OPERATIONS, NO_OPERATIONS } from '../authorized-operations.ts';
import { serve, type ServedApi } from '../served-api.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

export const describeClusterHandler: ServedApi = serve(
  apis.describeCluster,
  ({ endpointType, includeClusterAuthorizedOperations }, { core, context }) => {
    if (endpointType !== BROKERS) return refused(endpointType);
    const { host, port } = core.addressFor(context);
    const rack = core.settings.values['broker.rack'];
    return {
      errorCode: ErrorCode.NONE,
      endpointType: BROKERS,
      clusterId: core.clusterId,
      controllerId: core.nodeId,
      brokers: [{ brokerId: core.nodeId, host, port, rack }],
      clusterAuthorizedOperations: includeClusterAuthorizedOperations
        ? ALL_CLUSTER_OPERATIONS
        : NO_OPERATIONS,
    };
  },
);

function refused(endpointType: number): DescribeClusterResponseInput {
  const isController = endpointType === CONTROLLERS;
  return {
    errorCode: isController
      ? ErrorCode.MISMATCHED_ENDPOINT_TYPE
      : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
    errorMessage: isController
      ? 'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER'
      : `Unsupported endpoint type ${endpointType}`,
    endpointType: BROKERS,
    clusterId: '',
    brokers: [],
  };
}
