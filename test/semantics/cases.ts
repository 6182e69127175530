import type { Case } from "./case.ts";
import { ACCUMULATION } from "./cases/accumulation.ts";
import { DEDUPE } from "./cases/dedupe.ts";
import { HOPPING } from "./cases/hopping.ts";
import { IDLE_SOURCES } from "./cases/idle.ts";
import { LATENESS } from "./cases/lateness.ts";
import { SESSION } from "./cases/session.ts";
import { TIMERS } from "./cases/timers.ts";
import { TRIGGERS } from "./cases/triggers.ts";
import { TUMBLING } from "./cases/tumbling.ts";
import { UNIONS } from "./cases/unions.ts";
import { WATERMARK } from "./cases/watermark.ts";

/** All cases, by topic, in the order of docs/semantics.md. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  "tumbling windows": TUMBLING,
  "hopping windows": HOPPING,
  sessions: SESSION,
  watermarks: WATERMARK,
  "triggers and panes": TRIGGERS,
  lateness: LATENESS,
  "accumulation and retraction": ACCUMULATION,
  dedupe: DEDUPE,
  "idle sources": IDLE_SOURCES,
  "unions and shuffles": UNIONS,
  timers: TIMERS,
};
