import type { CfnDashboard } from "aws-cdk-lib/aws-quicksight";
import type { DataSetName } from "./data-sets.ts";

interface VisualShape {
  readonly id: string;
  readonly title: string;
  readonly dataSet: DataSetName;
  readonly kind: "lines" | "bars" | "stacked bars" | "ranked bars" | "heat map";
  /** Column along the axis, or down the rows of a heat map; dates by the day. */
  readonly by: string;
  /** Column that colours tell apart, or across the columns of a heat map. */
  readonly and?: string;
  /** Columns that are shown. */
  readonly values: readonly string[];
  /** How values of several days come together; what is not additive is averaged. */
  readonly over: "SUM" | "AVERAGE";
  /** Rows of the long format that are meant. */
  readonly where?: Readonly<Record<string, string>>;
}

const messagesBy = (dimension: string) => ({
  dataSet: "daily_breakdown" as const,
  values: ["number"],
  over: "SUM" as const,
  where: { dimension, metric: "total_messages" },
});

/** What the dashboard shows, from top to bottom. */
const VISUALS: readonly VisualShape[] = [
  {
    id: "volume-by-channel",
    title: "Messages by channel",
    kind: "stacked bars",
    by: "date",
    and: "value",
    ...messagesBy("channel"),
  },
  {
    id: "unique-users",
    title: "Unique users a day",
    dataSet: "daily_metrics",
    kind: "lines",
    by: "date",
    values: ["unique_users"],
    over: "AVERAGE",
  },
  {
    id: "sentiment",
    title: "Sentiment",
    kind: "stacked bars",
    by: "date",
    and: "value",
    ...messagesBy("sentiment"),
  },
  { id: "top-intents", title: "Top intents", kind: "ranked bars", by: "value", ...messagesBy("intent") },
  {
    id: "response-time",
    title: "Response time in ms: median and 95th percentile",
    dataSet: "daily_metrics",
    kind: "lines",
    by: "date",
    values: ["p50_processing_time", "p95_processing_time"],
    over: "AVERAGE",
  },
  {
    id: "escalations",
    title: "Escalations",
    dataSet: "daily_metrics",
    kind: "bars",
    by: "date",
    values: ["escalations"],
    over: "SUM",
  },
  {
    id: "hours",
    title: "Messages by day and hour",
    kind: "heat map",
    by: "date",
    and: "value",
    ...messagesBy("hour"),
  },
];

const SHEET = "overview";
/** Columns of QuickSight's grid; two visuals stand beside each other. */
const GRID_WIDTH = 36;
const VISUAL_HEIGHT = 12;
/** Intents shown; the rest is summed up as "other". */
const MOST_INTENTS = 20;
const DAYS_SHOWN = 30;

/** The dashboard over data sets that are declared by their names. */
export function dashboardDefinition(
  dataSetArns: Readonly<Record<DataSetName, string>>,
): CfnDashboard.DashboardVersionDefinitionProperty {
  const used = [...new Set(VISUALS.map(({ dataSet }) => dataSet))];
  return {
    dataSetIdentifierDeclarations: used.map((name) => ({
      identifier: name,
      dataSetArn: dataSetArns[name],
    })),
    sheets: [
      {
        sheetId: SHEET,
        name: "Overview",
        contentType: "INTERACTIVE",
        visuals: VISUALS.map(visual),
        layouts: [{ configuration: { gridLayout: { elements: VISUALS.map(place) } } }],
      },
    ],
    filterGroups: [...used.map(lastDays), ...VISUALS.flatMap(onlyRows)],
  };
}

function visual(shape: VisualShape): CfnDashboard.VisualProperty {
  const common = {
    visualId: shape.id,
    title: { visibility: "VISIBLE", formatText: { plainText: shape.title } },
  };
  const by = [dimension(shape, shape.by)];
  const and = shape.and === undefined ? {} : { colors: [dimension(shape, shape.and)] };
  const values = shape.values.map((name) => measure(shape, name));
  const wells = { category: by, values, ...and };
  switch (shape.kind) {
    case "lines":
      return {
        lineChartVisual: {
          ...common,
          chartConfiguration: { type: "LINE", fieldWells: { lineChartAggregatedFieldWells: wells } },
        },
      };
    case "heat map":
      return {
        heatMapVisual: {
          ...common,
          chartConfiguration: {
            fieldWells: {
              heatMapAggregatedFieldWells: { rows: by, columns: and.colors ?? [], values },
            },
          },
        },
      };
    default:
      return {
        barChartVisual: {
          ...common,
          chartConfiguration: {
            orientation: shape.kind === "ranked bars" ? "HORIZONTAL" : "VERTICAL",
            barsArrangement: shape.kind === "stacked bars" ? "STACKED" : "CLUSTERED",
            fieldWells: { barChartAggregatedFieldWells: wells },
            ...(shape.kind === "ranked bars" ? { sortConfiguration: ranked(shape) } : {}),
          },
        },
      };
  }
}

/** The largest first, and no more than people read. */
const ranked = (shape: VisualShape): CfnDashboard.BarChartSortConfigurationProperty => ({
  categorySort: shape.values.map((name) => ({
    fieldSort: { fieldId: fieldId(shape, name), direction: "DESC" },
  })),
  categoryItemsLimit: { itemsLimit: MOST_INTENTS, otherCategories: "INCLUDE" },
});

const fieldId = ({ id }: VisualShape, column: string): string => `${id}.${column}`;

const column = ({ dataSet }: Pick<VisualShape, "dataSet">, columnName: string) => ({
  dataSetIdentifier: dataSet,
  columnName,
});

function dimension(shape: VisualShape, name: string): CfnDashboard.DimensionFieldProperty {
  const field = { fieldId: fieldId(shape, name), column: column(shape, name) };
  return name === "date"
    ? { dateDimensionField: { ...field, dateGranularity: "DAY" } }
    : { categoricalDimensionField: field };
}

const measure = (shape: VisualShape, name: string): CfnDashboard.MeasureFieldProperty => ({
  numericalMeasureField: {
    fieldId: fieldId(shape, name),
    column: column(shape, name),
    aggregationFunction: { simpleNumericalAggregation: shape.over },
  },
});

const place = ({ id }: VisualShape, index: number) => ({
  elementId: id,
  elementType: "VISUAL",
  columnIndex: (index % 2) * (GRID_WIDTH / 2),
  columnSpan: GRID_WIDTH / 2,
  rowIndex: Math.floor(index / 2) * VISUAL_HEIGHT,
  rowSpan: VISUAL_HEIGHT,
});

/** Keeps the last days of a data set, on the whole sheet. */
const lastDays = (dataSet: DataSetName): CfnDashboard.FilterGroupProperty => ({
  filterGroupId: `last-days-${dataSet}`,
  crossDataset: "SINGLE_DATASET",
  scopeConfiguration: scope(),
  filters: [
    {
      relativeDatesFilter: {
        filterId: `last-days-${dataSet}-filter`,
        column: column({ dataSet }, "date"),
        anchorDateConfiguration: { anchorOption: "NOW" },
        timeGranularity: "DAY",
        relativeDateType: "LAST",
        relativeDateValue: DAYS_SHOWN,
        nullOption: "NON_NULLS_ONLY",
      },
    },
  ],
});

/** Keeps the rows of the long format that a visual means. */
const onlyRows = (shape: VisualShape): CfnDashboard.FilterGroupProperty[] =>
  Object.entries(shape.where ?? {}).map(([name, value]) => ({
    filterGroupId: `${shape.id}-${name}`,
    crossDataset: "SINGLE_DATASET",
    scopeConfiguration: scope(shape.id),
    filters: [
      {
        categoryFilter: {
          filterId: `${shape.id}-${name}-filter`,
          column: column(shape, name),
          configuration: {
            filterListConfiguration: { matchOperator: "CONTAINS", categoryValues: [value] },
          },
        },
      },
    ],
  }));

/** One visual, or the whole sheet. */
const scope = (visualId?: string): CfnDashboard.FilterScopeConfigurationProperty => ({
  selectedSheets: {
    sheetVisualScopingConfigurations: [
      visualId === undefined
        ? { sheetId: SHEET, scope: "ALL_VISUALS" }
        : { sheetId: SHEET, scope: "SELECTED_VISUALS", visualIds: [visualId] },
    ],
  },
});
