/** Import rules: imports point inward, and nobody reaches past a neighbour. `npm run check` proves that they bite. */
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });
const only = (folder, allowed, comment) =>
  rule(
    `${folder.replaceAll("/", "-")}-imports-inward`,
    { path: `^functions/${folder}/` },
    {
      path: "^(functions|infra|cli|local|bench|test)/",
      pathNot: `^functions/(${allowed.join("|")})(/|\\.|$)`,
    },
    comment,
  );

module.exports = {
  forbidden: [
    rule("no-cycles", {}, { circular: true }, "Two modules that need each other are one, or hide a third."),
    rule("no-unresolved", {}, { couldNotResolve: true }, "An import must lead somewhere."),
    only("core/domain", ["core/domain"], "The domain knows nothing but itself."),
    only("core/contracts", ["core/domain", "core/contracts"], "Contracts speak of the domain."),
    only(
      "core/ports",
      ["core/domain", "core/contracts", "core/ports"],
      "Ports speak of domain and contracts.",
    ),
    only("core/use-cases", ["core"], "Use-cases reach stores through ports."),
    only("adapters", ["core", "adapters"], "Adapters implement ports."),
    only("runtime", ["core", "runtime"], "The runtime serves handlers and knows the core only."),
    only("handlers", ["core", "adapters", "runtime", "handlers"], "Handlers wire adapters to use-cases."),
    rule(
      "core-without-sdk",
      { path: "^functions/core/" },
      { path: "node_modules/(@aws-sdk|@smithy|@opensearch-project|ioredis|@aws-lambda-powertools)/" },
      "The core is pure TypeScript.",
    ),
    rule(
      "adapters-apart",
      { path: "^functions/adapters/([^/]+)/" },
      { path: "^functions/adapters/[^/]+/", pathNot: "^functions/adapters/$1/" },
      "An adapter never imports another.",
    ),
    rule(
      "handlers-apart",
      { path: "^functions/handlers/([^/]+)/" },
      { path: "^functions/handlers/[^/]+/", pathNot: "^functions/handlers/$1/" },
      "Handlers never import handlers.",
    ),
    rule(
      "infra-without-logic",
      { path: "^infra/" },
      { path: "^(functions|cli|local|bench)/" },
      "The stacks know files, not code.",
    ),
    rule(
      "not-to-test",
      { pathNot: "^(test|bench)/" },
      { path: "^test/" },
      "Only tests and benchmarks import tests.",
    ),
    rule("not-to-bench", { pathNot: "^(bench|test)/" }, { path: "^bench/" }, "Benchmarks serve nobody."),
    rule(
      "not-to-cli",
      { path: "^(functions|infra)/" },
      { path: "^(cli|local)/" },
      "The product does not need its tools.",
    ),
    rule(
      "local-below-cli",
      { path: "^local/", pathNot: "^local/demo/" },
      { path: "^cli/", pathNot: "^cli/(failure|stage-outputs)\\.ts$" },
      "Commands work on a stage; the local stage needs none of them. The demonstration shows them.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    exclude: { path: "^(\\.hilo|cdk\\.out)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};
