import { Command } from "commander";
import { planToMermaid } from "../../shared/plan/mermaid.ts";
import { against } from "../against.ts";
import { loadPlanned } from "../load-application.ts";
import { planTable } from "../plan-table.ts";
import type { Terminal } from "../terminal.ts";

type Options = { readonly mermaid?: true; readonly json?: true; readonly against?: string };

/** `millrace plan [file]` */
export const planCommand = ({ data, colors }: Terminal): Command =>
  new Command("plan")
    .description("show the stages that pipelines are cut into, or what is wrong with them")
    .argument(
      "[file]",
      "a module that exports an application or pipelines (default: that of this folder, else the shipped one)",
    )
    .option("--json", "the plan itself, as infra and functions read it")
    .option("--mermaid", "a flowchart for Markdown")
    .option("--against <plan>", "what would become of the state of a deployed plan, a file that --json gave")
    .action(async (file: string | undefined, { mermaid, json, against: deployed }: Options) => {
      const { plan } = await loadPlanned(file);
      if (deployed !== undefined) data(against(deployed, plan));
      else if (json) data(JSON.stringify(plan, null, 2));
      else data(mermaid ? planToMermaid(plan) : planTable(plan, colors.out));
    });
