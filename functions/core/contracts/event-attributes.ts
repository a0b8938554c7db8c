/** Message attributes of the event queue. They leave the body as it came, and a dead-letter queue keeps them. */
export const EVENT_ATTRIBUTE = {
  /** ISO 8601, ms, UTC: when Hilo first saw the event, where that was before this send. */
  firstReceivedAt: "first_received_at",
  /** How often it was sent again from quarantine. */
  retries: "retries",
} as const;
