/** An event in its envelope: order is kept within `groupId`, the queue drops a repeated `deduplicationId` for 5 minutes. */
export interface EventEnvelope {
  readonly body: string;
  readonly groupId: string;
  readonly deduplicationId: string;
}

/** Publishes to the queue that all channels share. */
export interface EventPublisher {
  /**
   * Publishes events in order.
   * @returns how many were sent, once all are.
   * @throws TransientError | PermanentError when one could not be sent; earlier ones were, and may be sent again.
   */
  publish(events: readonly EventEnvelope[]): Promise<number>;
}
