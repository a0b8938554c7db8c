import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readStage } from "./config.ts";
import { addStage } from "./stage.ts";

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
addStage(app, readStage());
