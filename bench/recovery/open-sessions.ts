import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { Store } from "./ports.ts";
import { Numbers, Source, sessionsStage } from "./profiles.ts";

/**
 * A process of its own: `node open-sessions.ts <sessions> <resident characters>` opens sessions in one partition,
 * then tells, as JSON, its resident memory and the cost of a commit with so many open.
 */
const [sessions, residentChars] = process.argv.slice(2).map(Number) as [number, number];
const START = 1_704_067_200_000;
const AT_ONCE = 1_000;
const COMMITS = 50;
/** They open one after another over so long: most end at a millisecond of their own. */
const OPENED_OVER = 1_200_000;

const store = new Store();
// what is measured is the engine, not the bucket
const blobs = store.blobs();
const environment = store.environment({ state: { residentChars } });
const loop = new StageLoop(sessionsStage, {
  ...environment,
  blobs: residentChars > 1e12 ? forgetful() : blobs,
});
const source = new Source();
const numbers = new Numbers(1);

function forgetful(): typeof blobs {
  return { ...blobs, put: async () => {} };
}

async function batch(at: number, users: readonly number[], apartMs: number): Promise<void> {
  const events = users.map((user) => ({ user, profile: "" }));
  const { firstFailed, causes } = await loop.run(source.records(epochMs(at), events, apartMs));
  if (firstFailed !== undefined) throw causes[0];
  for (const item of store.items.splice(0, store.items.length - 1)) void item;
}

const before = rss();
for (let user = 0; user < sessions; user += AT_ONCE)
  await batch(
    START + Math.floor((user / sessions) * OPENED_OVER),
    Array.from({ length: Math.min(AT_ONCE, sessions - user) }, (_, i) => user + i),
    OPENED_OVER / sessions,
  );
const times: number[] = [];
let peak = rss();
for (let i = 0; i < COMMITS; i += 1) {
  const users = Array.from({ length: 100 }, () => numbers.below(sessions));
  const startedAt = performance.now();
  await batch(START + OPENED_OVER + i * 100, users, 1);
  times.push(performance.now() - startedAt);
  peak = Math.max(peak, rss());
}
times.sort((a, b) => a - b);
(globalThis as { gc?: () => void }).gc?.();
console.log(
  JSON.stringify({
    rssMb: peak / 1e6,
    idleMb: before / 1e6,
    heapMb: process.memoryUsage().heapUsed / 1e6,
    maxRssMb: process.resourceUsage().maxRSS / 1e3,
    medianMs: times[COMMITS / 2],
  }),
);

function rss(): number {
  return process.memoryUsage().rss;
}
