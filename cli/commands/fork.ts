import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { loadPlanned } from "../load-application.ts";
import { withDeployment } from "../savepoint/options.ts";
import type { ForkRequest } from "../savepoint/restore.ts";
import type { Terminal } from "../terminal.ts";

/** `millrace fork <savepoint> --to <place>` */
export const forkCommand = ({ data }: Terminal): Command =>
  withDeployment(
    new Command("fork")
      .description("begin another deployment with a savepoint of this one")
      .argument("<savepoint>", "its name; see millrace savepoint list")
      .argument(
        "[file]",
        "the module of the pipelines of the other one (default: that of this folder, else the shipped one)",
      )
      .requiredOption(
        "--to <file|url>",
        "the other deployment: its outputs' file, or the address of a local cloud",
      )
      .option("--to-endpoint <url>", "where the other one's services answer (default: as --endpoint)")
      .option("--to-stack <name>", "which stack of its file, where that has several")
      .option(
        "--epoch <n>",
        "the epoch that begins there (default: the one that it is deployed with)",
        wholeNumber(0),
      )
      .option("--allow-dropped-state", "leave state behind whose stage is gone or has another shape"),
  ).action(
    async (savepoint: string, file: string | undefined, options: ForkRequest & { readonly json?: true }) => {
      const planned = await loadPlanned(file);
      const { forkInto } = await import("../savepoint/restore.ts");
      const { restoredText } = await import("../savepoint/text.ts");
      const forked = await forkInto(planned, savepoint, options);
      data(options.json ? JSON.stringify(forked) : restoredText(forked));
    },
  );
