import { fc } from "@fast-check/vitest";
import type { KeyedFlow } from "../../shared/index.ts";

/** The events of generated pipelines, and what their operators turn everything into. */
export type Row = {
  readonly id: string;
  readonly k: string;
  readonly g: number;
  readonly t: number;
  readonly n: number;
};

export type Rows = KeyedFlow<string | number, Row>;

/** A flow by keys of any kind. */
export const rowsOf = (flow: unknown): Rows => flow as Rows;

export const anyMs = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least, max: most });
