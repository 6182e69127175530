import type { Meter } from "./capacity.ts";
import type { Tables } from "./tables.ts";
import type { Throughput } from "./throughput.ts";

/** What the operations on items work with. */
export type Service = {
  readonly tables: Tables;
  readonly meter: Meter;
  readonly throughput: Throughput;
};
