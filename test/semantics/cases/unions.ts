import { milliseconds as ms, session, tumbling } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const HIGHEST = { by: "stream-time", says: "the highest time of both decides" } as const;

/** Flows of several upstream partitions: behind a union or a shuffle. */
export const UNIONS: readonly Case[] = [
  {
    name: "the watermark is the least of the upstreams'",
    from: ["flink-time", "beam-flatten"],
    in: "x:a@5 x=20 y=9 y=10",
    gives: "4> a[0,10)=1",
    differs: { kafka: HIGHEST },
  },
  {
    name: "nothing closes until each upstream has told its own",
    from: ["flink-time", "flink-idle"],
    in: "x:a@5 x=100 y=100",
    gives: "3> a[0,10)=1",
  },
  {
    name: "an upstream's watermark never goes back",
    from: ["flink-watermarks"],
    in: "x=20 y=20 x=5 x:a@8",
    gives: "4> late 4",
  },
  {
    name: "an event behind a fast upstream is not late while a slow one waits",
    from: ["beam-flatten"],
    in: "x=20 y=5 x:a@8 y=20",
    gives: "4> a[0,10)=3",
  },
  {
    name: "events of all upstreams share their windows",
    from: ["flink-time"],
    in: "x:a@1 y:a@2 x=10 y=10",
    gives: "4> a[0,10)=1+2",
  },
  {
    name: "an upstream that has ended holds nothing back",
    from: ["flink-time"],
    in: "x:a@5 x=inf y=10",
    gives: "3> a[0,10)=1",
  },
  {
    name: "when all have ended, every window closes",
    from: ["flink-time"],
    in: "x:a@5 y:a@95 x=inf y=inf",
    gives: "4> a[0,10)=1; 4> a[90,100)=2",
  },
  {
    name: "rows move stream time, and early panes, but no watermark",
    from: ["kafka-stream-time", "flink-time"],
    window: tumbling(ms(20)),
    early: 5,
    in: "x:a@1 y:a@6 x:b@500 x=1 y=1",
    gives: "2> a[0,20)=1+2 early",
  },
  {
    name: "events of two upstreams make one session",
    from: ["flink-session", "flink-time"],
    window: session(ms(5)),
    in: "x:a@0 y:a@5 x=11 y=11",
    gives: "4> a[0,10)=1+2",
    differs: { beam: { by: "session-gap", says: "two" } },
  },
  {
    name: "late is what the slowest has passed",
    from: ["flink-time", "beam-late"],
    in: "x=100 y=10 x:a@9 y:a@12 y=20",
    gives: "3> late 3; 5> a[10,20)=4",
  },
  {
    name: "allowed lateness counts from the least watermark",
    from: ["flink-time", "flink-lateness"],
    lateness: 10,
    in: "x:a@5 x=100 y=12 y:a@6 y=20 y:a@7",
    gives: "3> a[0,10)=1; 4> a[0,10)=1+4 late #1; 6> late 6",
  },
  {
    name: "equal watermarks are one watermark",
    from: ["flink-time"],
    in: "x:a@5 y:b@6 x=10 y=10",
    gives: "4> a[0,10)=1; 4> b[0,10)=2",
  },
];
