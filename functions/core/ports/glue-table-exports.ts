/** How an export of the table stands. */
export type TableExport =
  | { readonly state: "RUNNING" | "FAILED" }
  | {
      readonly state: "SUCCEEDED";
      /** Key of the folder with the manifests. */
      readonly folder: string;
      /** The export holds all that was written before. ISO 8601, ms, UTC. */
      readonly exportedAt: string;
    };

/** DynamoDB's own exports of the table of rows, which read nothing from the table itself. */
export interface GlueTableExports {
  /** Starts a full export, or finds the one that was started with this token within 8 hours. @returns its id */
  start(token: string): Promise<string>;

  state(id: string): Promise<TableExport>;
}
