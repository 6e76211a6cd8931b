/** Sets of Kafka's operations as bits, of somebody who may do everything. */
export const ALL_TOPIC_OPERATIONS = 3576;
export const ALL_CLUSTER_OPERATIONS = 8096;
/** Nobody asked. */
export const NO_OPERATIONS = -2_147_483_648;
