import { apis } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** There is nowhere that a replica could be moving to. */
export const listPartitionReassignmentsHandler: ServedApi = serve(
  apis.listPartitionReassignments,
  () => ({ topics: [] }),
);
