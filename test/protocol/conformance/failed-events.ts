import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FailedEvents } from "../../../shared/protocol/ports.ts";
import { epochMs } from "../../../shared/time/time.ts";

type Failed = Parameters<FailedEvents["write"]>[0][number];

export type OpenFailedEvents = () => Promise<{
  readonly failedEvents: FailedEvents;
  /** A pipeline's failed events by their ids. */
  readonly all: (pipeline: string) => Promise<readonly Failed[]>;
  readonly close: () => Promise<void>;
}>;

const failed = (pipeline: string, n: number, payload: unknown = { n }): Failed => ({
  failedId: `${pipeline}.hourly/0/0/7/${String(n).padStart(4, "0")}`,
  payload,
  error: { code: "OPERATOR_FAILED", name: "TypeError", message: "no carrier" },
  pipeline,
  stage: `${pipeline}.hourly`,
  operator: "hourly",
  position: `shard-0:123#${n}`,
  id: `e${n}`,
  time: epochMs(-1),
  codeVersion: "code-1",
});

export function failedEventsConformance(name: string, open: OpenFailedEvents): void {
  describe(`${name} as failed events`, () => {
    let opened: Awaited<ReturnType<OpenFailedEvents>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test("events are kept field for field, by pipeline", async () => {
      const events = [failed("p1", 1, null), failed("p1", 2, [1n, undefined]), failed("p2", 1)];
      await opened.failedEvents.write(events);
      expect(await opened.all("p1")).toEqual(events.slice(0, 2));
      expect(await opened.all("p2")).toEqual(events.slice(2));
      expect(await opened.all("p3")).toEqual([]);
    });

    test("writing an event again changes nothing, in one call or in two", async () => {
      await opened.failedEvents.write([failed("twice", 1), failed("twice", 1)]);
      await opened.failedEvents.write([failed("twice", 1)]);
      expect(await opened.all("twice")).toEqual([failed("twice", 1)]);
    });

    test("many events, and payloads larger than an item, are kept", async () => {
      const events = Array.from({ length: 130 }, (_, n) =>
        failed("many", n, n % 40 === 0 ? "é".repeat(250_000) : n),
      );
      await opened.failedEvents.write(events);
      await opened.failedEvents.write(events);
      expect(await opened.all("many")).toEqual(events);
    });
  });
}
