import type { Redact } from "../domain/redact.ts";

/** Takes e-mail addresses, phone, card, account and identity numbers out of texts. */
export interface TextRedactor {
  /** Redacts texts of one person's conversations: their country's numbers are known without their code. */
  for(userId: string): Redact;
}
