import { Option } from "commander";

/** The option that says which stage a command works on. */
export function stageOption(defaultStage: string): Option {
  return new Option("--stage <name>", "stage to work on; its default comes from HILO_STAGE").default(
    defaultStage,
  );
}
