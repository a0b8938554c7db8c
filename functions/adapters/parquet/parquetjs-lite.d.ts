/** What is used of a library that comes without types. */
declare module "parquetjs-lite" {
  interface Field {
    readonly type: string;
    readonly optional: boolean;
    readonly compression: "SNAPPY";
    readonly statistics?: false;
  }
  /** Opaque to callers. */
  type Schema = { readonly fields: object };
  type Envelope = { readonly schema: Schema };
  interface Writer {
    setMetadata(key: string, value: string): void;
    setRowGroupSize(rows: number): void;
    appendRow(row: object): Promise<void>;
    close(): Promise<void>;
  }
  const library: {
    readonly ParquetSchema: new (fields: Readonly<Record<string, Field>>) => Schema;
    readonly ParquetEnvelopeWriter: new (
      schema: Schema,
      write: (bytes: Uint8Array) => void,
      close: () => void,
      offset: number,
      options: { readonly pageIndex?: false },
    ) => Envelope;
    readonly ParquetWriter: new (
      schema: Schema,
      envelope: Envelope,
      options: { readonly rowGroupSize?: number },
    ) => Writer;
  };
  export default library;
}

declare module "parquetjs-lite/lib/types.js" {
  interface Type {
    readonly primitiveType: string;
    readonly originalType: string;
    toPrimitive(value: unknown): unknown;
  }
  export const PARQUET_LOGICAL_TYPES: Record<string, Type>;
}
