import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Accepts one finding of the `AwsSolutions` rules on one construct and what it contains.
 * @param rule id of the rule, with the finding where the rule has several: `AwsSolutions-IAM5[Resource::*]`
 * @param reason why the finding is right here; a test refuses an empty one
 */
export function acceptFinding(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason });
}
