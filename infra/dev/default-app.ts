import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import { type Exports, exportedApplication } from "../../shared/pipeline/exported-application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { MillraceStack } from "../stacks/millrace-stack.ts";
import { lookupSources } from "./lookup-sources.ts";

/**
 * The CDK app of a project that has none: the pipelines of one module as one stack, with all its defaults.
 * `MILLRACE_PIPELINES` is the module's absolute path, `MILLRACE_WORK` a folder for what is made from it;
 * `MILLRACE_EPOCH` the epoch that its state goes on with.
 */
const { MILLRACE_PIPELINES: file = "", MILLRACE_WORK: work = "", MILLRACE_EPOCH: epoch = "0" } = process.env;
const exported = await load(file);
const application = exportedApplication(exported, file);

const planned = planApplication(application);

const app = new App({ analyticsReporting: false });
const name = application.name.replaceAll("_", "-");
const { lookups = [] } = planned.plan;
new MillraceStack(app, `millrace-${name}`, {
  plan: planned.plan,
  ...(lookups.length > 0 && { lookups: lookupSources(new Stack(app, `lookups-${name}`), planned) }),
  epoch: Number(epoch),
  pipelines: exported["app"] === application ? file : wrapped(file),
});

async function load(module: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(module).href)) as Exports;
  } catch (cause) {
    if (cause instanceof MillraceError || cause instanceof SyntaxError) throw cause;
    throw new MillraceError("CLI_MODULE", `"${module}" cannot be loaded: ${messageOf(cause)}`, {
      next: "refused",
      cause,
    });
  }
}

/** Functions run what is exported as `app`: a module that says so of another one. Its path is the same each time. */
function wrapped(module: string): string {
  const extension = extname(fileURLToPath(import.meta.url));
  const helper = new URL(`../../shared/pipeline/exported-application${extension}`, import.meta.url);
  const wrapper = join(work, "pipelines.mjs");
  mkdirSync(dirname(wrapper), { recursive: true });
  writeFileSync(
    wrapper,
    [
      `import * as exported from ${JSON.stringify(module)};`,
      `import { exportedApplication } from ${JSON.stringify(fileURLToPath(helper))};`,
      `export const app = exportedApplication(exported, ${JSON.stringify(module)});\n`,
    ].join("\n"),
  );
  return wrapper;
}
