import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DevProcess } from "../test/cli/dev-process.ts";
import { atMost, type Figure, median, print } from "./report.ts";

/** Somebody saves, looks at what comes of it and saves again; by then the next synthesis waits for its sources. */
const BETWEEN_SAVES_MS = 4_000;
const WORK = fileURLToPath(new URL("../.millrace/", import.meta.url));

/**
 * Claim: a stage that was saved runs in the cloud of `millrace dev` within 2 s. A folder with the pipelines of the
 * sensors, whose filter gets another bound with each save; from the save to the end of the update, as the command itself
 * tells it.
 */
async function reloadFigures({ saves }: { readonly saves: number }): Promise<Figure[]> {
  mkdirSync(WORK, { recursive: true });
  // inside of the clone, so that it finds the packages
  const folder = mkdtempSync(join(WORK, "reload-"));
  const save = (bound: number): void =>
    writeFileSync(
      join(folder, "pipelines.ts"),
      SENSORS.replace("temperature > 35", `temperature > ${bound}`),
    );
  save(35);
  try {
    await using dev = new DevProcess(folder, ["--port", "0", "--pipelines", "pipelines.ts"]);
    await dev.said(/^serving/);
    const times: number[] = [];
    for (let i = 1; i <= saves; i++) {
      await pause(BETWEEN_SAVES_MS);
      save(35 + i);
      const [, ms] = await dev.said(/^reloaded in (\d+) ms: updated .*excursions\.sensors/);
      times.push(Number(ms));
    }
    await dev.end("SIGINT");
    return [
      {
        name: "millrace dev, from a save to the new code",
        value: median(times),
        unit: "ms",
        aim: atMost(2_000),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SENSORS = readFileSync(new URL("../pipelines/sensors.ts", import.meta.url), "utf8").replace(
  '"../shared/index.ts"',
  '"../../shared/index.ts"',
);

const { values } = parseArgs({
  options: { saves: { type: "string", default: "7" }, json: { type: "boolean", default: false } },
});
print(await reloadFigures({ saves: Number(values.saves) }), values.json);
