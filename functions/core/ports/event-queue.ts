/** One record as the queue delivers it. */
export interface QueueRecord {
  /** The queue's own id of it: opaque, safe in logs. */
  readonly id: string;
  readonly body: string;
  /** When the queue took it, or the earlier moment of which a retry says that Hilo first saw it. */
  readonly sentAt: Date;
  /** How often it was sent again from quarantine. @default 0 */
  readonly retries?: number;
  /** 1 at the first delivery. */
  readonly receiveCount: number;
  readonly receiptHandle: string;
}

/** The part of the queue the router speaks to. */
export interface EventQueue {
  /** Hides a record for `seconds` before it is delivered again. */
  delay(record: QueueRecord, seconds: number): Promise<void>;
}
