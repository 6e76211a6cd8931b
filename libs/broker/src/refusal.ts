/** A "no" that the client gets as Kafka's error code with a message. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}
