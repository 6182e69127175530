import { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { loadPlanned } from "../load-application.ts";
import { withDeployment } from "../savepoint/options.ts";
import type { InPlace, RestoreRequest } from "../savepoint/restore.ts";
import type { Terminal } from "../terminal.ts";

/** `millrace restore <savepoint>` */
export const restoreCommand = ({ data, say }: Terminal): Command =>
  withDeployment(
    new Command("restore")
      .description("take an application back to a savepoint: its state goes on in a new epoch")
      .argument("<savepoint>", "its name; see millrace savepoint list")
      .argument(
        "[file]",
        "the module of the pipelines that go on (default: that of this folder, else the shipped one)",
      )
      .option(
        "--epoch <n>",
        "the epoch that begins (default: the one after the deployment's)",
        wholeNumber(1),
      )
      .option("--allow-dropped-state", "leave state behind whose stage is gone or has another shape")
      .option("--remove-abandoned", "delete files of lake tables and failed events from after the savepoint"),
  ).action(
    async (
      savepoint: string,
      file: string | undefined,
      options: RestoreRequest & { readonly json?: true },
    ) => {
      const planned = await loadPlanned(file);
      const { restoreInPlace } = await import("../savepoint/restore.ts");
      const { restoredText } = await import("../savepoint/text.ts");
      const restored = await restoreInPlace(planned, savepoint, options);
      data(options.json ? JSON.stringify(restored) : `${restoredText(restored)}\n${abandonedText(restored)}`);
      if (!options.json)
        say(
          `→ the epochs before ${restored.epoch} have ended: deploy with it, cdk deploy -c epoch=${restored.epoch}`,
        );
    },
  );

const abandonedText = ({ abandoned: { files, failed, removed }, rows }: InPlace): string =>
  [
    `  ${rows.back} rows of views taken back${rows.unknown > 0 ? `, ${rows.unknown} left as they are: what they were is not known any more` : ""}`,
    ...(rows.entriesGone > 0
      ? [
          `  ${rows.entriesGone} log entries after the savepoint are gone: rows that none but they have written stay, and may be wrong`,
        ]
      : []),
    `  from after the savepoint: ${files} files of lake tables and ${failed} failed events, ${removed ? "deleted" : "left where they are"}`,
  ].join("\n");
