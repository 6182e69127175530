import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, startCloud } from "../../../local/cloud.ts";
import { deploymentOf } from "../../../local/dev/deployment.ts";
import { drain } from "../../../local/dev/drain.ts";
import { endInput } from "../../../local/dev/end-of-input.ts";
import { mirrorSinks } from "../../../local/dev/mirror.ts";
import { observe, type Progress } from "../../../local/dev/progress.ts";
import { scopeOf } from "../../../local/dev/scope.ts";
import { postFeed } from "../../../local/feed/post-feed.ts";
import { createPartitioner } from "../../../shared/frames/partitioner.ts";
import type { Application } from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type Visit, visits } from "./visits.ts";

export const partitionOf: (page: string) => number = createPartitioner(visits.partitions);

export const PAGES = ["a", "b", "c", "d", "e", "f"] as const;
/** The 1st of January 2026. */
const BASE_MS = 1_767_225_600_000;
const EVERY_MS = 1_000;

/** A cloud with a version of the application in it, and all visits that were sent to it, in their order. */
export class VisitsCloud {
  readonly cloud: Cloud;
  readonly sent: Visit[] = [];

  constructor(cloud: Cloud) {
    this.cloud = cloud;
  }

  static async start(templateDir: string): Promise<VisitsCloud> {
    return new VisitsCloud(await startCloud({ templateDir, limits: "off" }));
  }

  /** Sends visits, a second apart by their own time, as long as there shall be more. */
  async send(more: (count: number) => boolean): Promise<void> {
    const { sent } = this;
    function* next(): Generator<Visit> {
      for (let count = 0; more(count); count++) {
        const n = sent.length;
        const page = PAGES[(n * 7 + Math.floor(n / 11)) % PAGES.length] ?? "a";
        const visit = { id: `v${n}`, n, page, time: BASE_MS + n * EVERY_MS };
        sent.push(visit);
        yield visit;
      }
    }
    await postFeed({
      url: this.cloud.apiUrl("/").slice(0, -1),
      stream: visits.id,
      events: next(),
      lane: ({ page }) => partitionOf(page),
      batchSize: 20,
    });
  }

  /** Waits until every stage that reads the visits has committed all that were sent. */
  committed(version: Application): Promise<Progress> {
    return this.#wait(version, ({ behind }) => behind === 0);
  }

  /** Says that nothing follows, and waits until every window has closed. */
  end(version: Application): Promise<Progress> {
    const { plan } = planApplication(version);
    const { stages, partitions } = scopeOf(plan, visits.id);
    const name = deploymentOf(this.cloud).streamName(visits.id);
    endInput(this.cloud.kinesis, { id: visits.id, name, partitions }, systemClock);
    const all = stages.reduce((sum, stage) => sum + stage.partitions, 0);
    return this.#wait(version, ({ ended }) => ended === all);
  }

  /** What the pipeline's open windows hold of a page. */
  async openWindows<Row>(page: string): Promise<Row[]> {
    const answer = await fetch(this.cloud.apiUrl(`/v1/state/per-page/windows/${page}`));
    const { state } = (await answer.json()) as { state: Row[] };
    return state;
  }

  /** The rows of a view. */
  async rows<Row>(version: Application, view: string, folder: string): Promise<Row[]> {
    const { sinks } = scopeOf(planApplication(version).plan, visits.id);
    await mirrorSinks(this.cloud, deploymentOf(this.cloud), sinks, folder);
    const lines = (await readFile(join(folder, `${view}.jsonl`), "utf8")).split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
  }

  #wait(version: Application, done: (progress: Progress) => boolean): Promise<Progress> {
    const { cloud, sent } = this;
    const scope = scopeOf(planApplication(version).plan, visits.id);
    const feed = { acknowledged: sent.length, accepted: sent.length, rejected: 0, batches: 0, retries: 0 };
    return drain({
      look: () => observe(cloud, deploymentOf(cloud), scope, sent.length, feed),
      sources: cloud.sources,
      done,
      clock: systemClock,
      signal: new AbortController().signal,
    });
  }
}
