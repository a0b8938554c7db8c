import { Duration, type Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";

/** What every alarm of a stack has in common. */
export interface AlarmTarget {
  readonly stage: StageConfig;
  readonly alarmAction: SnsAction;
}

/** Puts alarms into a stack; none of them can be composed, the emulator has no such type. */
export class StackAlarms {
  readonly #stack: Stack;
  readonly #target: AlarmTarget;

  constructor(stack: Stack, target: AlarmTarget) {
    this.#stack = stack;
    this.#target = target;
  }

  /** Rings when a metric reaches a threshold for so many periods. No data is no alarm. */
  add(name: string, alarmDescription: string, metric: IMetric, threshold = 1, evaluationPeriods = 1): void {
    const comparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
    const treatMissingData = TreatMissingData.NOT_BREACHING;
    const props = { alarmDescription, metric, threshold, evaluationPeriods };
    this.#create(name, { ...props, comparisonOperator, treatMissingData });
  }

  /** Rings when a function has not published a metric for 30 hours: whoever does not look cannot say so. */
  addSilence(name: string, alarmDescription: string, service: string, metricName: string): void {
    this.#create(name, {
      alarmDescription,
      metric: published(service, metricName, Duration.hours(6), "SampleCount"),
      threshold: 1,
      evaluationPeriods: 5,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #create(name: string, props: Omit<ConstructorParameters<typeof Alarm>[2], "alarmName">): void {
    const { stage, alarmAction } = this.#target;
    const alarmName = physicalName(stage, name);
    new Alarm(this.#stack, `${pascalCase(name)}Alarm`, { alarmName, ...props }).addAlarmAction(alarmAction);
  }
}

/** A metric that a function of Hilo publishes about itself. @param service the function's logical name */
export const published = (service: string, metricName: string, period: Duration, statistic: string): Metric =>
  new Metric({ namespace: "Hilo", metricName, dimensionsMap: { service }, period, statistic });
