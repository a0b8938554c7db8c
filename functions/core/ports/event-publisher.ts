/** An event in its envelope: order is kept within `groupId`, the queue drops a repeated `deduplicationId` for 5 minutes. */
export interface EventEnvelope {
  readonly body: string;
  readonly groupId: string;
  readonly deduplicationId: string;
  /** Of an event that Hilo had already: when it first came (ISO 8601, ms, UTC), and how often it was retried. */
  readonly history?: { readonly firstReceivedAt: string; readonly retries: number };
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
