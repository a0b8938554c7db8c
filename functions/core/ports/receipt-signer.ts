/** Signs receipts with a private key that nobody can read. Every method throws TransientError | PermanentError. */
export interface ReceiptSigner {
  /** Names the key: an ARN. */
  keyId(): Promise<string>;

  /** Signs bytes: ECDSA on P-256 over their SHA-256, DER. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;

  /** The public key, PEM: with it anybody can check a receipt. */
  publicKey(): Promise<string>;
}
