import { asList, at, type Json, type Resource, type Synthesised } from "./synthesise.ts";

/** What a role is allowed, one statement. */
export interface Statement {
  /** Stack and logical id of the policy: the role's name is in it. */
  readonly of: string;
  readonly actions: readonly string[];
  readonly resources: readonly Json[];
  readonly conditions: Json | undefined;
}

/** Every statement that allows something, of all roles of a stage. */
export function allowed(stage: Synthesised): readonly Statement[] {
  const documents = (resource: Resource): readonly (Json | undefined)[] =>
    resource.type === "AWS::IAM::Policy"
      ? [resource.properties["PolicyDocument"]]
      : asList(resource.properties["Policies"]).map((policy) => at(policy, "PolicyDocument"));
  return [...stage.ofType("AWS::IAM::Policy"), ...stage.ofType("AWS::IAM::Role")].flatMap((resource) =>
    documents(resource).flatMap((document) =>
      asList(at(document, "Statement"))
        .filter((statement) => at(statement, "Effect") === "Allow")
        .map((statement) => ({
          of: `${resource.stack}/${resource.id}`,
          actions: asList(at(statement, "Action")).map(String),
          resources: asList(at(statement, "Resource")),
          conditions: at(statement, "Condition"),
        })),
    ),
  );
}
