import { milliseconds as ms, tumbling } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const IDLE = { threshold: ms(20), incrementBy: ms(15), initSourceDelay: ms(50) };
const LEFT_OUT = {
  by: "idle",
  says: "with withIdleness the partition is left out; its own windows wait",
} as const;

/** Partitions without events, and the ticks that let time pass in them. */
export const IDLE_SOURCES: readonly Case[] = [
  {
    name: "without events the watermark stands",
    from: ["flink-idle", "numaflow"],
    in: "a@5 tick@1000 end",
    gives: "3> a[0,10)=1",
  },
  {
    name: "after the threshold it goes on by a step",
    from: ["numaflow", "flink-idle"],
    idle: IDLE,
    in: "a@5 tick@20",
    gives: "2> a[0,10)=1",
    differs: { flink: LEFT_OUT },
  },
  {
    name: "before the threshold it stands",
    from: ["numaflow"],
    idle: IDLE,
    in: "a@5 tick@19 end",
    gives: "3> a[0,10)=1",
  },
  {
    name: "steps add up",
    from: ["numaflow"],
    idle: { ...IDLE, incrementBy: ms(2) },
    in: "a@5 tick@20 tick@40 tick@60",
    gives: "4> a[0,10)=1",
  },
  {
    name: "a step comes once per interval",
    from: ["numaflow"],
    idle: { ...IDLE, incrementBy: ms(3), stepInterval: ms(10) },
    in: "a@5 tick@20 tick@25 tick@29 tick@30",
    gives: "5> a[0,10)=1",
  },
  {
    name: "it never goes beyond the tick",
    from: ["numaflow"],
    idle: { ...IDLE, incrementBy: ms(1_000) },
    in: "a@5 tick@20 a@25 end",
    gives: "2> a[0,10)=1; 4> a[20,30)=3",
  },
  {
    name: "nor beyond the tick less the out-of-orderness",
    from: ["numaflow"],
    outOfOrder: 12,
    idle: { ...IDLE, incrementBy: ms(1_000) },
    in: "a@5 tick@20 a@9 end",
    gives: "4> a[0,10)=1+3",
  },
  {
    name: "an event ends the idleness",
    from: ["numaflow"],
    idle: IDLE,
    in: "a@5 tick@20 a@25 tick@35 tick@40",
    gives: "2> a[0,10)=1; 5> a[20,30)=3",
  },
  {
    name: "a partition that never had an event starts after its delay",
    from: ["numaflow"],
    idle: IDLE,
    in: "tick@0 tick@50 a@-5 a@5 end",
    gives: "3> late 3; 5> a[0,10)=4",
    differs: { kafka: { by: "idle", says: "stream time is that of the task's records" } },
  },
  {
    name: "before that it has no watermark",
    from: ["numaflow"],
    idle: IDLE,
    in: "tick@0 tick@49 a@-5 end",
    gives: "4> a[-10,0)=3",
  },
  {
    name: "without that delay it waits for its first event",
    from: ["numaflow"],
    idle: { threshold: ms(20), incrementBy: ms(15) },
    in: "tick@0 tick@1000 a@-5 end",
    gives: "4> a[-10,0)=3",
  },
  {
    name: "what comes after a step may be late for it",
    from: ["numaflow", "flink-idle"],
    idle: IDLE,
    in: "a@5 tick@20 a@9 end",
    gives: "2> a[0,10)=1; 3> late 3",
  },
  {
    name: "a step closes the windows of all keys",
    from: ["numaflow"],
    idle: { ...IDLE, incrementBy: ms(100) },
    in: "a@5 b@9 tick@40",
    gives: "3> a[0,10)=1; 3> b[0,10)=2",
  },
  {
    name: "a step is no stream time: early panes wait for events",
    from: ["kafka-stream-time", "numaflow"],
    window: tumbling(ms(20)),
    early: 5,
    idle: { ...IDLE, incrementBy: ms(3) },
    in: "a@1 tick@20 tick@40 end",
    gives: "4> a[0,20)=1",
  },
  {
    name: "a watermark that is ahead of the tick stays",
    from: ["numaflow"],
    idle: IDLE,
    in: "a@95 tick@30 tick@60 a@92 end",
    gives: "5> a[90,100)=1+4",
  },
];
