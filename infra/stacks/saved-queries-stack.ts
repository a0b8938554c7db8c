import { readFileSync } from "node:fs";
import { Stack } from "aws-cdk-lib";
import { CfnNamedQuery } from "aws-cdk-lib/aws-athena";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";
import { queryNames, queryPath } from "../query-files.ts";
import type { LakeCatalog } from "./lake-catalog.ts";

/** The queries of `queries/`, saved in the workgroup under their names: Athena's console asks for their parameters. */
export class SavedQueriesStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly catalog: LakeCatalog },
  ) {
    const { stage, catalog } = props;
    super(scope, id, { stackName: physicalName(stage, "saved-queries") });
    for (const name of queryNames()) {
      const queryString = readFileSync(queryPath(name), "utf8");
      new CfnNamedQuery(this, pascalCase(name), {
        name,
        description: describe(queryString),
        database: catalog.database,
        workGroup: catalog.workgroup,
        queryString,
      });
    }
  }
}

/** The second line of a query's header, below its name: what it tells. */
const describe = (sql: string): string => (/^-- .+\n-- (.+)$/m.exec(sql)?.[1] ?? "").slice(0, 1024);
