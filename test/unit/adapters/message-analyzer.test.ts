import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import { describeMessageAnalyzer } from "../analytics/analyzer-contract.ts";

const analyzer = createLocalAnalyzer();
describeMessageAnalyzer("local", () => analyzer);
