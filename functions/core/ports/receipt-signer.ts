/** Signs receipts with a private key that nobody can read. */
export interface ReceiptSigner {
  /**
   * Signs bytes: ECDSA on P-256 over their SHA-256, DER.
   * @throws TransientError | PermanentError that name store, cause and remedy
   */
  sign(bytes: Uint8Array): Promise<ReceiptSignature>;

  /** The public key, PEM: with it anybody can check a receipt. @throws TransientError | PermanentError */
  publicKey(): Promise<string>;
}

export interface ReceiptSignature {
  /** Names the key: an ARN. */
  readonly keyId: string;
  /** DER. */
  readonly signature: Uint8Array;
}
