import { Aws, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnDashboard, CfnDataSet, CfnDataSource, CfnRefreshSchedule } from "aws-cdk-lib/aws-quicksight";
import type { Construct } from "constructs";
import { dashboardDefinition } from "../bi/dashboard.ts";
import { DATA_SETS, type DataSetName, dataSetColumns } from "../bi/data-sets.ts";
import type { StageConfig } from "../config.ts";
import { physicalName } from "../naming.ts";
import type { DataStack } from "./data-stack.ts";
import { type LakeCatalog, QUERY_RESULTS } from "./lake-catalog.ts";

export interface BiStackProps {
  readonly stage: StageConfig;
  /** ARN of the QuickSight user or group that sees all of it. */
  readonly principal: string;
  readonly data: DataStack;
  readonly catalog: LakeCatalog;
}

/** When SPICE is filled anew: the nightly export is over. In the zone of its schedule. */
const REFRESH_AT = "06:00";

/** To look and to build analyses on; what it is, the code says. These sets are QuickSight's own. */
const SEES = {
  dataSource: ["DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource"],
  dataSet: [
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "PassDataSet",
    "DescribeIngestion",
    "ListIngestions",
  ],
  dashboard: ["DescribeDashboard", "ListDashboardVersions", "QueryDashboard"],
} as const;

/** QuickSight over the lake: data source, data sets, dashboard. Off unless a principal is configured. */
export class BiStack extends Stack {
  readonly #props: BiStackProps;

  constructor(scope: Construct, id: string, props: BiStackProps) {
    const { stage } = props;
    super(scope, id, { stackName: physicalName(stage, "bi") });
    this.#props = props;
    const source = new CfnDataSource(this, "Lake", {
      awsAccountId: Aws.ACCOUNT_ID,
      dataSourceId: physicalName(stage, "lake"),
      name: `Hilo ${stage.name}`,
      type: "ATHENA",
      dataSourceParameters: {
        athenaParameters: { workGroup: props.catalog.workgroup, roleArn: this.#role().roleArn },
      },
      permissions: this.#permissions("dataSource"),
    });
    const dataSet = (name: DataSetName): string => this.#dataSet(name, source).attrArn;
    const dashboard = new CfnDashboard(this, "Dashboard", {
      awsAccountId: Aws.ACCOUNT_ID,
      dashboardId: physicalName(stage, "overview"),
      name: `Hilo ${stage.name}`,
      definition: dashboardDefinition({
        daily_metrics: dataSet("daily_metrics"),
        daily_breakdown: dataSet("daily_breakdown"),
        user_behavior: dataSet("user_behavior"),
        user_patterns: dataSet("user_patterns"),
      }),
      permissions: this.#permissions("dashboard"),
    });
    dashboard.addResourceDependency(source);
  }

  /** Reads the files of analytics, not the messages: QuickSight asks in this role instead of the account's own. */
  #role(): Role {
    const { stage, data, catalog } = this.#props;
    const role = new Role(this, "QuickSightRole", {
      roleName: `${physicalName(stage, "quicksight")}-${Aws.REGION}`,
      assumedBy: new ServicePrincipal("quicksight.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    catalog.grantQueries(role);
    data.bucket.grantObjects(
      role,
      "analytics/",
      ["s3:GetObject"],
      "files of metrics and patterns: new ones daily",
    );
    data.bucket.grantObjects(
      role,
      QUERY_RESULTS,
      ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      "results of queries: Athena names them",
    );
    data.bucket.grantList(role, ["analytics/", QUERY_RESULTS]);
    return role;
  }

  #dataSet(name: DataSetName, source: CfnDataSource): CfnDataSet {
    const { stage, catalog } = this.#props;
    const { title, mode } = DATA_SETS[name];
    const id = name.replaceAll("_", "-");
    const dataSetId = physicalName(stage, id);
    const dataSet = new CfnDataSet(this, `DataSet-${id}`, {
      awsAccountId: Aws.ACCOUNT_ID,
      dataSetId,
      name: `Hilo ${stage.name}: ${title}`,
      importMode: mode,
      physicalTableMap: {
        [id]: {
          relationalTable: {
            dataSourceArn: source.attrArn,
            catalog: "AwsDataCatalog",
            schema: catalog.database,
            name,
            inputColumns: [...dataSetColumns(name)],
          },
        },
      },
      permissions: this.#permissions("dataSet"),
    });
    if (mode === "SPICE") {
      new CfnRefreshSchedule(this, `Refresh-${id}`, {
        awsAccountId: Aws.ACCOUNT_ID,
        dataSetId,
        schedule: {
          scheduleId: "daily",
          refreshType: "FULL_REFRESH",
          scheduleFrequency: { interval: "DAILY", timeOfTheDay: REFRESH_AT, timeZone: stage.exportTimezone },
        },
      }).addResourceDependency(dataSet);
    }
    return dataSet;
  }

  #permissions(kind: keyof typeof SEES) {
    return [
      {
        principal: this.#props.principal,
        actions: SEES[kind].map((action) => `quicksight:${action}`),
      },
    ];
  }
}
