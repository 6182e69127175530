import { parseArgs } from "node:util";
import { bundleFigures } from "./bundle.ts";
import { combineFigures } from "./combine.ts";
import { localCloudFigures } from "./local-cloud.ts";
import { QUERIES } from "./nexmark/queries.ts";
import { allNexmarkFigures } from "./nexmark.ts";
import { recoveryFigures } from "./recovery.ts";
import { type Figure, print } from "./report.ts";
import { stageLoopFigures } from "./stage-loop.ts";
import { updateFigures } from "./update.ts";

/** `npm run bench`: every benchmark, small: some minutes. Each runs alone too, and larger, as `node bench/<name>.ts`. */
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const BENCHMARKS: readonly (() => Figure[] | Promise<Figure[]>)[] = [
  () => allNexmarkFigures({ events: 1_000_000, rounds: 3, queries: QUERIES, engines: ["hand", "millrace"] }),
  () => stageLoopFigures({ events: 300_000, rounds: 3 }),
  () => combineFigures({ events: 160_000, rounds: 3 }),
  () => localCloudFigures({ flights: 100_000, requests: 600_000 }),
  () => bundleFigures({ starts: 10 }),
  () => updateFigures({ updates: 100 }),
  () =>
    recoveryFigures({ sizes: [1, 10], rounds: 3, sessions: 100_000, days: 2, peak: 200, reshardSeconds: 8 }),
];

const figures: Figure[] = [];
for (const [i, benchmark] of BENCHMARKS.entries()) {
  process.stderr.write(`${i + 1} of ${BENCHMARKS.length} …\n`);
  figures.push(...(await benchmark()));
}
print(figures, values.json);
