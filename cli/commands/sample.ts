import { once } from "node:events";
import { Argument, Command } from "commander";
import { SAMPLE_NAMES, type SampleName } from "../../local/dev/sample-names.ts";
import type { Terminal } from "../terminal.ts";

const LINES_PER_WRITE = 2_000;

/** `millrace sample <name>` */
export const sampleCommand = (_: Terminal): Command =>
  new Command("sample")
    .description("write the events of a shipped sample as JSON lines, in the order in which they happened")
    .addArgument(new Argument("<name>", "which").choices(SAMPLE_NAMES))
    .action(async (name: SampleName) => {
      const { SAMPLES } = await import("../../local/dev/samples.ts");
      const events = await SAMPLES[name]();
      for (let at = 0; at < events.length; at += LINES_PER_WRITE) {
        const lines = events.slice(at, at + LINES_PER_WRITE).map((event) => `${JSON.stringify(event)}\n`);
        if (!process.stdout.write(lines.join(""))) await once(process.stdout, "drain");
      }
    });
