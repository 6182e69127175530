import { expect } from "vitest";
import type { Stage } from "../../shared/operators/stage.ts";
import { PagedRunner } from "./paged-runner.ts";
import type { Input } from "./runner.ts";

/** A page for each place, none of them in memory. */
export function unread(stage: Stage, ...inputs: Input[]): PagedRunner {
  const runner = new PagedRunner(stage, 1);
  runner.batch(inputs, 0);
  runner.write();
  runner.fold.evict(runner.pages);
  return runner;
}

/** What a batch lacks, by the numbers of the pages. It is taken back. */
export function lackedBy(runner: PagedRunner, ...inputs: Input[]): number[] {
  runner.take(inputs, 10);
  const lacked = runner.fold.missing.map((page) => runner.pages.indexOf(page));
  expect(runner.fold.lacking).toBe(lacked.length > 0);
  runner.fold.rollback();
  expect(runner.fold.missing).toEqual([]);
  return lacked;
}

export const nextProcessing = (runner: PagedRunner): number | undefined =>
  runner.fold.seal().nextProcessingTimer;
export const nextTimer = (runner: PagedRunner): number | undefined => runner.fold.seal().nextTimer;
