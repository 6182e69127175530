import { Command } from "commander";
import { loadPlanned } from "../load-application.ts";
import { type DeploymentOptions, withDeployment } from "../savepoint/options.ts";
import type { Terminal } from "../terminal.ts";

const FILE =
  "the module of the pipelines that are deployed (default: that of this folder, else the shipped one)";

/** `millrace savepoint create|list|show` */
export function savepointCommand({ data, say }: Terminal): Command {
  const parent = new Command("savepoint").description(
    "take consistent copies of a running application's state",
  );
  withDeployment(
    parent
      .command("create")
      .description("take a savepoint; the application runs on")
      .argument("[file]", FILE)
      .option("--id <name>", "what it is called (default: the time)"),
  ).action(async (file: string | undefined, options: DeploymentOptions & { readonly id?: string }) => {
    const planned = await loadPlanned(file);
    const { takeSavepoint } = await import("../savepoint/take.ts");
    const { savepointText } = await import("../savepoint/text.ts");
    const savepoint = await takeSavepoint(planned, options);
    data(options.json ? JSON.stringify(savepoint) : savepointText(savepoint));
  });
  withDeployment(parent.command("list").description("the savepoints of an application")).action(
    async (options: DeploymentOptions) => {
      const { listSavepoints } = await import("../savepoint/take.ts");
      const { listText } = await import("../savepoint/text.ts");
      const savepoints = await listSavepoints(options);
      if (options.json) data(JSON.stringify(savepoints));
      else if (savepoints.length > 0) data(listText(savepoints));
      else say("there are none");
    },
  );
  withDeployment(
    parent.command("show").description("what a savepoint holds, stage by stage").argument("<id>", "its name"),
  ).action(async (id: string, options: DeploymentOptions) => {
    const { findSavepoint } = await import("../savepoint/take.ts");
    const { savepointText } = await import("../savepoint/text.ts");
    const savepoint = await findSavepoint(id, options);
    data(options.json ? JSON.stringify(savepoint, undefined, 2) : savepointText(savepoint));
  });
  return parent;
}
